package io.coxswain.kubectl.template;

/// A template that is none, or that does not fit what it shall print.
final class TemplateFailure extends RuntimeException {

  TemplateFailure(String message) {
    super(message, null, false, false);
  }
}
