package io.coxswain.controlplane.table;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ListMeta;
import io.coxswain.api.meta.v1.PartialObjectMetadata;
import io.coxswain.api.meta.v1.Table;
import io.coxswain.api.meta.v1.TableRow;
import io.coxswain.api.runtime.RawExtension;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.registry.Listing;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.schema.ResourceType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// Makes the tables that kubectl asks for instead of objects.
public final class Tables {

  private static final JsonMapper CELLS = new JsonMapper();

  private final JsonCodec json = new JsonCodec(Long.MAX_VALUE);
  private final Clock clock;

  public Tables(Clock clock) {
    this.clock = clock;
  }

  public Table of(ResourceType<?> type, Listing listing, IncludeObject include) {
    Printer<?> printer = Printers.of(type);
    ListMeta.Builder meta = ListMeta.newBuilder().setResourceVersion(listing.resourceVersion());
    if (!listing.continueToken().isEmpty()) {
      meta.setContinue(listing.continueToken());
      listing.remaining().ifPresent(meta::setRemainingItemCount);
    }
    Table.Builder table =
        Table.newBuilder().setMetadata(meta).addAllColumnDefinitions(printer.columns());
    Instant now = clock.instant();
    for (CachedObject item : listing.items()) {
      table.addRows(row(printer, item.message(), include, now));
    }
    return table.build();
  }

  /// A table of one row.
  ///
  /// @param head whether to say the columns: a watch says them once
  public Table of(ResourceType<?> type, Message object, IncludeObject include, boolean head) {
    // A bookmark or another kind's message, as a Scale, has no cells of this kind.
    Printer<?> printer = Printers.of(type);
    Table.Builder table =
        Table.newBuilder()
            .setMetadata(
                ListMeta.newBuilder()
                    .setResourceVersion(ObjectMetas.read(object).getResourceVersion()));
    if (head) {
      table.addAllColumnDefinitions(printer.columns());
    }
    return table.addRows(row(printer, object, include, clock.instant())).build();
  }

  private TableRow row(Printer<?> printer, Message object, IncludeObject include, Instant now) {
    TableRow.Builder row = TableRow.newBuilder();
    List<Object> cells = printer.kind().isInstance(object) ? printer.cells(object, now) : List.of();
    for (Object cell : cells) {
      row.addCells(raw(CELLS.writeValueAsBytes(cell)));
    }
    return switch (include) {
      case NONE -> row.build();
      case METADATA ->
          row.setObject(
                  raw(
                      json.encode(
                          PartialObjectMetadata.newBuilder()
                              .setMetadata(ObjectMetas.read(object))
                              .build())))
              .build();
      case OBJECT -> row.setObject(raw(json.encode(object))).build();
    };
  }

  private static RawExtension raw(byte[] bytes) {
    return RawExtension.newBuilder().setRaw(ByteString.copyFrom(bytes)).build();
  }
}
