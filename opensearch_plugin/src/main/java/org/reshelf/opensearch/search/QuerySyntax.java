package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reduces the two query languages to the plain words that are searched for: no operators, field
 * names, boosts, ranges or patterns, and nothing that is excluded.
 *
 * <p>It need not be a parser: text that it misreads is still only text to rank by.
 */
final class QuerySyntax {

  private static final Set<String> OPERATORS = Set.of("AND", "OR", "&&", "||");

  private QuerySyntax() {}

  /** For `query_string`. */
  static String words(String query) {
    return new QuerySyntax.Reader(query, true).read();
  }

  /** For `simple_query_string`. */
  static String simpleWords(String query) {
    return new QuerySyntax.Reader(query, false).read();
  }

  private static final class Reader {
    private final String query;
    private final boolean full;
    private final List<String> words = new ArrayList<>();
    private int at;

    Reader(String query, boolean full) {
      this.query = query == null ? "" : query;
      this.full = full;
    }

    String read() {
      boolean excluded = false;
      while (at < query.length()) {
        char c = query.charAt(at);
        if (Character.isWhitespace(c)) {
          at++;
          continue;
        }
        if (c == '+' || c == '(' || c == ')' || c == '|' || c == '&') {
          at++;
        } else if (c == '-' || (full && c == '!')) {
          at++;
          excluded = at < query.length() && !Character.isWhitespace(query.charAt(at));
          continue;
        } else if (c == '"') {
          keep(quoted(), excluded);
        } else if (full && (c == '[' || c == '{')) {
          skipPast(']', '}');
        } else if (full && c == '/') {
          at++;
          skipPast('/', '/');
        } else {
          excluded = term(excluded);
          continue;
        }
        if (excluded && c == '(') {
          skipGroup();
        }
        excluded = false;
      }
      return String.join(" ", words);
    }

    /** Reads a term; answers whether the next one is excluded. */
    private boolean term(boolean excluded) {
      StringBuilder word = new StringBuilder();
      while (at < query.length()) {
        char c = query.charAt(at);
        if (c == '\\' && at + 1 < query.length()) {
          word.append(query.charAt(at + 1));
          at += 2;
        } else if (full && c == ':') {
          at++;
          // `_exists_:brand` asks for a field, not for a word.
          return "_exists_".contentEquals(word) || excluded;
        } else if (c == '^' || c == '~') {
          at++;
          while (at < query.length() && isNumber(query.charAt(at))) {
            at++;
          }
        } else if (c == '*' || (full && c == '?')) {
          at++;
        } else if (Character.isWhitespace(c) || "\"()".indexOf(c) >= 0 || (!full && c == '|')) {
          break;
        } else {
          word.append(c);
          at++;
        }
      }
      String text = word.toString();
      if (full && text.equals("NOT")) {
        return true;
      }
      if (!(full && OPERATORS.contains(text))) {
        keep(text, excluded);
      }
      return false;
    }

    private String quoted() {
      StringBuilder text = new StringBuilder();
      for (at++; at < query.length() && query.charAt(at) != '"'; at++) {
        if (query.charAt(at) == '\\' && at + 1 < query.length()) {
          at++;
        }
        text.append(query.charAt(at));
      }
      at++;
      return text.toString();
    }

    private void keep(String text, boolean excluded) {
      if (!excluded && !text.isBlank()) {
        words.add(text.strip());
      }
    }

    private void skipPast(char one, char other) {
      while (at < query.length() && query.charAt(at) != one && query.charAt(at) != other) {
        at++;
      }
      at++;
    }

    /** Skips the rest of a group whose opening parenthesis has been read. */
    private void skipGroup() {
      for (int depth = 1; at < query.length() && depth > 0; at++) {
        if (query.charAt(at) == '(') {
          depth++;
        } else if (query.charAt(at) == ')') {
          depth--;
        }
      }
    }

    private static boolean isNumber(char c) {
      return c == '.' || (c >= '0' && c <= '9');
    }
  }
}
