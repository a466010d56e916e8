package org.reshelf.opensearch.search;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.opensearch.common.io.stream.BytesStreamOutput;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.xcontent.XContentType;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.Writeable;
import org.opensearch.core.xcontent.DeprecationHandler;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.ToXContent;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.search.SearchModule;
import org.opensearch.search.builder.SearchSourceBuilder;

/** Reads and writes what tests put in JSON, as a node does. */
final class Parsing {

  static final NamedXContentRegistry REGISTRY =
      new NamedXContentRegistry(new SearchModule(Settings.EMPTY, List.of()).getNamedXContents());

  private Parsing() {}

  static XContentParser parser(String json) throws IOException {
    return XContentType.JSON
        .xContent()
        .createParser(REGISTRY, DeprecationHandler.THROW_UNSUPPORTED_OPERATION, json);
  }

  /** The body of a search. */
  static SearchSourceBuilder search(String json) {
    try (XContentParser parser = parser(json)) {
      return SearchSourceBuilder.fromXContent(parser);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String json(ToXContent content) throws IOException {
    try (XContentBuilder builder = XContentType.JSON.contentBuilder()) {
      builder.startObject();
      content.toXContent(builder, ToXContent.EMPTY_PARAMS);
      builder.endObject();
      return builder.toString();
    }
  }

  /** What a data node reads of what the coordinating node wrote. */
  static <T extends Writeable> T acrossTheWire(T sent, Writeable.Reader<T> reader)
      throws IOException {
    try (BytesStreamOutput out = new BytesStreamOutput()) {
      sent.writeTo(out);
      BytesReference bytes = out.bytes();
      try (StreamInput in = bytes.streamInput()) {
        T received = reader.read(in);
        if (in.available() > 0) {
          throw new IOException(in.available() + " bytes were not read");
        }
        return received;
      }
    }
  }
}
