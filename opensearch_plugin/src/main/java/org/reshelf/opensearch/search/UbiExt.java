package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.core.common.ParsingException;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.MediaTypeRegistry;
import org.opensearch.core.xcontent.ToXContent;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.search.SearchExtBuilder;

/**
 * The request section {@code ext.ubi}, for clusters without the User Behavior Insights plugin.
 * Whatever it holds is accepted and passed on: its meaning is that plugin's affair.
 */
final class UbiExt extends SearchExtBuilder {

  static final String NAME = "ubi";

  private final Map<String, Object> content;

  private UbiExt(Map<String, Object> content) {
    this.content = content;
  }

  UbiExt(StreamInput in) throws IOException {
    this.content = in.readMap();
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeMap(content);
  }

  static UbiExt parse(XContentParser parser) throws IOException {
    if (parser.currentToken() != XContentParser.Token.START_OBJECT) {
      throw new ParsingException(parser.getTokenLocation(), "[ext." + NAME + "] must be an object");
    }
    return new UbiExt(parser.mapOrdered());
  }

  /** The content of a search's {@code ubi} section, whichever plugin's class holds it. */
  static Map<String, Object> read(SearchExtBuilder builder) throws IOException {
    if (builder instanceof UbiExt own) {
      return own.content;
    }
    try (XContentBuilder json = MediaTypeRegistry.JSON.contentBuilder()) {
      json.startObject();
      builder.toXContent(json, ToXContent.EMPTY_PARAMS);
      json.endObject();
      Map<String, Object> map =
          XContentHelper.convertToMap(BytesReference.bytes(json), false, MediaTypeRegistry.JSON)
              .v2();
      // Some versions print their content without the section's name around it.
      return map.get(NAME) instanceof Map<?, ?> inner ? cast(inner) : map;
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> cast(Map<?, ?> map) {
    return (Map<String, Object>) map;
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return builder.field(NAME, content);
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UbiExt ubi && content.equals(ubi.content);
  }

  @Override
  public int hashCode() {
    return Objects.hash(content);
  }
}
