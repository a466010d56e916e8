package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.search.SearchExtBuilder;

/**
 * The answer's section {@code ext.reshelf}: what happened to a search, for those who asked.
 *
 * <p>On the wire it has a name of its own, since the request's section has the other.
 */
final class ReshelfReport extends SearchExtBuilder {

  static final String WIRE_NAME = "reshelf_report";

  private final Map<String, Object> content;

  /**
   * @param content maps, lists, texts, numbers and booleans only
   */
  ReshelfReport(Map<String, Object> content) {
    this.content = content;
  }

  ReshelfReport(StreamInput in) throws IOException {
    this.content = in.readMap();
  }

  Map<String, Object> content() {
    return content;
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeMap(content);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return builder.field(ReshelfExt.NAME, content);
  }

  @Override
  public String getWriteableName() {
    return WIRE_NAME;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReshelfReport report && content.equals(report.content);
  }

  @Override
  public int hashCode() {
    return Objects.hash(content);
  }
}
