package io.coxswain.node.image;

import io.coxswain.node.image.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Brings images from an archive. Of an image that cannot be taken nothing is left; those before it
/// stay.
final class ImageLoader {

  private final ImageFolders folders;
  private final ImagePuller puller;
  private final ImageRecords records;
  private final ImageManifest.Platform platform;
  private final long mostBytes;

  ImageLoader(
      ImageFolders folders,
      ImagePuller puller,
      ImageRecords records,
      ImageManifest.Platform platform,
      long mostBytes) {
    this.folders = folders;
    this.puller = puller;
    this.records = records;
    this.platform = platform;
    this.mostBytes = mostBytes;
  }

  /// Blocks as its source and the disk do.
  ///
  /// @param name for the archive's only image; empty for what the archive says
  List<ImageRecord> load(InputStream source, String name)
      throws ImageException, IOException, InterruptedException {
    List<ImageRecord> loaded = new ArrayList<>();
    try (ImageArchive archive =
        ImageArchive.unpack(source, folders.newScratch("archive"), mostBytes)) {
      List<ArchivedImage> images = ArchivedImage.of(archive, platform);
      List<List<ImageName.Remote>> names = names(images, name);
      for (int i = 0; i < images.size(); i++) {
        loaded.addAll(load(images.get(i), names.get(i)));
      }
    }
    return loaded;
  }

  /// All of them before anything is taken.
  private static List<List<ImageName.Remote>> names(List<ArchivedImage> images, String name)
      throws ImageException, MalformedLayerException {
    if (images.isEmpty()) {
      throw new MalformedLayerException("the archive has no image");
    }
    if (!name.isEmpty() && images.size() > 1) {
      throw new MalformedLayerException(
          "the archive has %d images, which cannot all be \"%s\"".formatted(images.size(), name));
    }
    List<List<ImageName.Remote>> all = new ArrayList<>();
    for (ArchivedImage image : images) {
      List<ImageName.Remote> parsed = new ArrayList<>();
      for (String one : name.isEmpty() ? image.names() : List.of(name)) {
        if (!(ImageName.parse(one) instanceof ImageName.Remote remote)) {
          throw new ImageException(
              Reason.INVALID_NAME, "\"%s\" is no name for an image from an archive".formatted(one));
        }
        parsed.add(remote);
      }
      if (parsed.isEmpty()) {
        throw new MalformedLayerException(
            "the archive does not say the name of its image: give it one");
      }
      all.add(parsed);
    }
    return all;
  }

  private List<ImageRecord> load(ArchivedImage image, List<ImageName.Remote> names)
      throws IOException, InterruptedException {
    byte[] content = image.config().toByteArray();
    List<Digest> diffIds = ImageManifest.readConfig(content).diffIds();
    if (diffIds.size() != image.layers().size()) {
      throw new MalformedLayerException(
          "the image's config names %d layers and the archive %d"
              .formatted(diffIds.size(), image.layers().size()));
    }
    long size = 0;
    for (int i = 0; i < diffIds.size(); i++) {
      Path layer = image.layers().get(i);
      size += puller.unpack(diffIds.get(i), layer).size();
    }
    Digest config = Digest.of(content);
    if (!Files.exists(folders.blob(config))) {
      folders.writeDurably(folders.blob(config), content);
    }
    List<ImageRecord> loaded = new ArrayList<>();
    for (ImageName.Remote name : names) {
      ImageRecord record =
          new ImageRecord(name.toString(), image.resolved(), config, diffIds, size);
      records.put(record);
      loaded.add(record);
    }
    return loaded;
  }
}
