package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.util.BytesRef;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.xcontent.DeprecationHandler;
import org.opensearch.core.xcontent.MediaTypeRegistry;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.XContentParser;

/**
 * Reads a few fields out of one document's source after the other, each in one pass, without
 * building the rest.
 *
 * <p>Fields are named by full path; a document may nest them as objects, in lists, or spell the
 * path with dots. Texts are cut, and values beyond {@link Limits#VALUES} left out, numbers beyond
 * {@link Limits#NUMBERS}. For one thread.
 */
final class FieldReader {

  /** A part of a path: the values of the field that ends here, and the parts that may follow. */
  private static final class Node {
    private final Map<String, Node> next = new HashMap<>();
    private List<Object> values;

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
  private final List<List<Object>> values = new ArrayList<>();

  /** Whether all fields lie at the top, where each has one place: then the last one ends a pass. */
  private final boolean flat;

  FieldReader(List<String> fields) {
    for (String field : fields) {
      Node node = root;
      for (String part : field.split("\\.")) {
        node = node.next.computeIfAbsent(part, name -> new Node());
      }
      if (node.values == null) {
        node.values = new ArrayList<>();
      }
      values.add(node.values);
    }
    flat = root.next.values().stream().allMatch(node -> node.next.isEmpty());
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
   * @return the values of each field, in the order in which the fields were named: texts, numbers
   *     as {@link Double}, flags; empty where the document has none. They count until the next
   *     call.
   */
  @SuppressWarnings(
      "deprecation") // A hit does not say its format; OpenSearch too looks at the bytes.
  List<List<Object>> read(BytesReference source, int textCharacters, int documentCharacters)
      throws IOException {
    values.forEach(List::clear);
    if (root.next.isEmpty() || source == null || source.length() == 0) {
      return values;
    }
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
        document(parser, new Budget(textCharacters, documentCharacters));
      }
    }
    return values;
  }

  private void document(XContentParser parser, Budget budget) throws IOException {
    int left = flat ? root.next.size() : Integer.MAX_VALUE;
    while (left > 0 && parser.nextToken() != XContentParser.Token.END_OBJECT) {
      Node child = root.find(parser.currentName());
      parser.nextToken();
      value(parser, child, budget);
      if (child != null) {
        left--;
      }
    }
  }

  private static void object(XContentParser parser, Node node, Budget budget) throws IOException {
    while (parser.nextToken() != XContentParser.Token.END_OBJECT) {
      Node child = node.find(parser.currentName());
      parser.nextToken();
      value(parser, child, budget);
    }
  }

  private static void value(XContentParser parser, Node node, Budget budget) throws IOException {
    XContentParser.Token token = parser.currentToken();
    if (node == null || (token == XContentParser.Token.START_OBJECT && node.next.isEmpty())) {
      parser.skipChildren();
    } else if (token == XContentParser.Token.START_OBJECT) {
      object(parser, node, budget);
    } else if (token == XContentParser.Token.START_ARRAY) {
      while (parser.nextToken() != XContentParser.Token.END_ARRAY) {
        value(parser, node, budget);
      }
    } else if (node.values != null
        && token != XContentParser.Token.VALUE_NULL
        && node.values.size() < most(token)) {
      node.values.add(scalar(parser, token, budget));
    }
  }

  private static int most(XContentParser.Token token) {
    return token == XContentParser.Token.VALUE_NUMBER ? Limits.NUMBERS : Limits.VALUES;
  }

  private static Object scalar(XContentParser parser, XContentParser.Token token, Budget budget)
      throws IOException {
    return switch (token) {
      case VALUE_NUMBER -> parser.doubleValue();
      case VALUE_BOOLEAN -> parser.booleanValue();
      default -> budget.take(parser.text());
    };
  }
}
