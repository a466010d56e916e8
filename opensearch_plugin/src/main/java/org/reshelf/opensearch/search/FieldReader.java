package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.util.BytesRef;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.xcontent.DeprecationHandler;
import org.opensearch.core.xcontent.MediaTypeRegistry;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.XContentParser;
import org.reshelf.v1.FieldValue;

/**
 * Reads a few fields out of a document's source in one pass, without building the rest.
 *
 * <p>Fields are named by full path; a document may nest them as objects, in lists, or spell the
 * path with dots. Texts are cut, and values beyond {@link Limits#VALUES} left out.
 */
final class FieldReader {

  /** A part of a path: the field that ends here, if one does, and the parts that may follow. */
  private static final class Node {
    private final Map<String, Node> next = new HashMap<>();
    private String field;

    Node find(String name) {
      Node node = next.get(name);
      if (node != null || name.indexOf('.') < 0) {
        return node;
      }
      node = this;
      for (String part : name.split("\\.")) {
        node = node == null ? null : node.next.get(part);
      }
      return node;
    }
  }

  private final Node root = new Node();

  FieldReader(List<String> fields) {
    for (String field : fields) {
      Node node = root;
      for (String part : field.split("\\.")) {
        node = node.next.computeIfAbsent(part, name -> new Node());
      }
      node.field = field;
    }
  }

  /** How much text one document may still give. */
  private static final class Budget {
    private final int perText;
    private int left;

    Budget(int perText, int left) {
      this.perText = perText;
      this.left = left;
    }

    String take(String text) {
      String taken = Limits.truncate(text, Math.min(perText, left));
      left -= taken.length();
      return taken;
    }
  }

  /**
   * @param textCharacters the most characters of one text
   * @param documentCharacters the most characters of all texts together
   * @return the fields that the document has, in no order
   */
  @SuppressWarnings(
      "deprecation") // A hit does not say its format; OpenSearch too looks at the bytes.
  Map<String, FieldValue> read(BytesReference source, int textCharacters, int documentCharacters)
      throws IOException {
    if (root.next.isEmpty() || source == null || source.length() == 0) {
      return Map.of();
    }
    Map<String, List<Object>> values = new LinkedHashMap<>();
    BytesRef bytes = source.toBytesRef();
    try (XContentParser parser =
        MediaTypeRegistry.xContent(bytes.bytes, bytes.offset, bytes.length)
            .xContent()
            .createParser(
                NamedXContentRegistry.EMPTY,
                DeprecationHandler.IGNORE_DEPRECATIONS,
                bytes.bytes,
                bytes.offset,
                bytes.length)) {
      if (parser.nextToken() == XContentParser.Token.START_OBJECT) {
        object(parser, root, values, new Budget(textCharacters, documentCharacters));
      }
    }
    Map<String, FieldValue> fields = new HashMap<>();
    values.forEach((field, list) -> fields.put(field, fieldValue(list)));
    return fields;
  }

  private static void object(
      XContentParser parser, Node node, Map<String, List<Object>> values, Budget budget)
      throws IOException {
    while (parser.nextToken() != XContentParser.Token.END_OBJECT) {
      Node child = node.find(parser.currentName());
      parser.nextToken();
      value(parser, child, values, budget);
    }
  }

  private static void value(
      XContentParser parser, Node node, Map<String, List<Object>> values, Budget budget)
      throws IOException {
    XContentParser.Token token = parser.currentToken();
    if (node == null || (token == XContentParser.Token.START_OBJECT && node.next.isEmpty())) {
      parser.skipChildren();
    } else if (token == XContentParser.Token.START_OBJECT) {
      object(parser, node, values, budget);
    } else if (token == XContentParser.Token.START_ARRAY) {
      while (parser.nextToken() != XContentParser.Token.END_ARRAY) {
        value(parser, node, values, budget);
      }
    } else if (node.field != null && token != XContentParser.Token.VALUE_NULL) {
      List<Object> list = values.computeIfAbsent(node.field, name -> new ArrayList<>());
      if (list.size() < Limits.VALUES) {
        list.add(scalar(parser, token, budget));
      }
    }
  }

  private static Object scalar(XContentParser parser, XContentParser.Token token, Budget budget)
      throws IOException {
    return switch (token) {
      case VALUE_NUMBER -> parser.doubleValue();
      case VALUE_BOOLEAN -> parser.booleanValue();
      default -> budget.take(parser.text());
    };
  }

  /** One kind of value a field: a mixture is sent as texts. */
  private static FieldValue fieldValue(List<Object> values) {
    FieldValue.Builder builder = FieldValue.newBuilder();
    if (values.stream().allMatch(Double.class::isInstance)) {
      values.forEach(value -> builder.addNumbers((Double) value));
    } else if (values.stream().allMatch(Boolean.class::isInstance)) {
      values.forEach(value -> builder.addFlags((Boolean) value));
    } else {
      values.forEach(value -> builder.addTexts(value.toString()));
    }
    return builder.build();
  }
}
