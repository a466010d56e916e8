package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.opensearch.core.common.ParsingException;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.search.SearchExtBuilder;

/**
 * The request section {@code ext.reshelf}: what a client may say about a search.
 *
 * <p>Every key is optional, and null or an empty text says the same as leaving it out. Anything
 * else that is not understood is an error to the client (400) that names the key.
 */
final class ReshelfExt extends SearchExtBuilder {

  static final String NAME = "reshelf";

  /** The section without a key: it asks only for the report in the answer. */
  static final ReshelfExt EMPTY = new ReshelfExt(Map.of(), Map.of());

  private static final Pattern PROFILE = Pattern.compile("[a-z0-9_-]+");

  /** The texts by key, with the most characters each may have. */
  private static final Map<String, Integer> TEXTS = new TreeMap<>();

  private static final String EXPLAIN = "explain";
  private static final String STRENGTH = "strength";
  private static final String LAYOUT = "layout";
  private static final String STRUCTURED_DATA = "structured_data";
  private static final String SPONSORED = "sponsored";

  /** The keys with true or false. */
  private static final Set<String> FLAGS =
      new TreeSet<>(
          Set.of(
              SearchSettings.CONSENT,
              SearchSettings.CRAWLER,
              EXPLAIN,
              LAYOUT,
              STRUCTURED_DATA,
              SPONSORED));

  private static final String ALLOWED;

  static {
    TEXTS.put("query", Limits.QUERY_CHARACTERS);
    TEXTS.put("query_id", Limits.ID_CHARACTERS);
    TEXTS.put("client_id", Limits.ID_CHARACTERS);
    TEXTS.put("session_id", Limits.ID_CHARACTERS);
    TEXTS.put("user_id", Limits.ID_CHARACTERS);
    TEXTS.put("locale", Limits.LOCALE_CHARACTERS);
    TEXTS.put("device", Limits.DEVICE_CHARACTERS);
    TEXTS.put("channel", Limits.DEVICE_CHARACTERS);
    TEXTS.put("profile", Limits.PROFILE_CHARACTERS);
    ALLOWED =
        "allowed keys are ["
            + String.join(", ", TEXTS.keySet())
            + "] with a text, ["
            + String.join(", ", FLAGS)
            + "] with true or false, ["
            + STRENGTH
            + "] with a number from 0 to 1, ["
            + Segments.KEY
            + "] with a list of texts and ["
            + Experiments.KEY
            + "] with an object of texts";
  }

  /**
   * The texts, the strength in digits, segments and experiments as one text each: nodes of older
   * versions know of texts and flags only.
   */
  private final Map<String, String> texts;

  private final Map<String, Boolean> flags;

  private ReshelfExt(Map<String, String> texts, Map<String, Boolean> flags) {
    this.texts = texts;
    this.flags = flags;
  }

  ReshelfExt(StreamInput in) throws IOException {
    this.texts = in.readMap(StreamInput::readString, StreamInput::readString);
    this.flags = in.readMap(StreamInput::readString, StreamInput::readBoolean);
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeMap(texts, StreamOutput::writeString, StreamOutput::writeString);
    out.writeMap(flags, StreamOutput::writeString, StreamOutput::writeBoolean);
  }

  static ReshelfExt parse(XContentParser parser) throws IOException {
    if (parser.currentToken() != XContentParser.Token.START_OBJECT) {
      throw refuse(parser, "must be an object; " + ALLOWED);
    }
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, Boolean> flags = new LinkedHashMap<>();
    while (parser.nextToken() != XContentParser.Token.END_OBJECT) {
      String key = parser.currentName();
      XContentParser.Token value = parser.nextToken();
      if (FLAGS.contains(key)) {
        if (value == XContentParser.Token.VALUE_BOOLEAN) {
          flags.put(key, parser.booleanValue());
        } else if (value != XContentParser.Token.VALUE_NULL) {
          throw refuse(parser, key, "must be true or false but is " + kind(value));
        }
      } else if (STRENGTH.equals(key)) {
        if (value == XContentParser.Token.VALUE_NUMBER) {
          texts.put(key, strength(parser, parser.floatValue()));
        } else if (value != XContentParser.Token.VALUE_NULL) {
          throw refuse(parser, key, "must be a number from 0 to 1 but is " + kind(value));
        }
      } else if (Segments.KEY.equals(key)) {
        if (value == XContentParser.Token.START_ARRAY) {
          putFound(parser, texts, key, Segments.of(parser.list()), Segments.ALLOWED);
        } else if (value != XContentParser.Token.VALUE_NULL) {
          throw refuse(parser, key, Segments.ALLOWED + " but is " + kind(value));
        }
      } else if (Experiments.KEY.equals(key)) {
        if (value == XContentParser.Token.START_OBJECT) {
          putFound(parser, texts, key, Experiments.of(parser.map()), Experiments.ALLOWED);
        } else if (value != XContentParser.Token.VALUE_NULL) {
          throw refuse(parser, key, Experiments.ALLOWED + " but is " + kind(value));
        }
      } else if (TEXTS.containsKey(key)) {
        if (value == XContentParser.Token.VALUE_STRING) {
          put(parser, texts, key, parser.text());
        } else if (value != XContentParser.Token.VALUE_NULL) {
          throw refuse(parser, key, "must be a text but is " + kind(value));
        }
      } else {
        throw refuse(parser, key, "is not known; " + ALLOWED);
      }
    }
    return new ReshelfExt(texts, flags);
  }

  private static void put(
      XContentParser parser, Map<String, String> texts, String key, String text) {
    int limit = TEXTS.get(key);
    if (Limits.longerThan(text, limit)) {
      throw refuse(parser, key, "may have at most " + limit + " characters");
    }
    if (text.isBlank()) {
      return;
    }
    if (key.equals("profile") && !PROFILE.matcher(text).matches()) {
      throw refuse(parser, key, "may hold only a-z, 0-9, [_] and [-]");
    }
    texts.put(key, text);
  }

  private static void putFound(
      XContentParser parser, Map<String, String> texts, String key, String text, String allowed) {
    if (text == null) {
      throw refuse(parser, key, allowed);
    }
    if (!text.isEmpty()) {
      texts.put(key, text);
    }
  }

  private static String strength(XContentParser parser, float number) {
    if (!(number >= 0 && number <= 1)) {
      throw refuse(parser, STRENGTH, "must be a number from 0 to 1 but is [" + number + "]");
    }
    return Float.toString(number);
  }

  private static String kind(XContentParser.Token token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_NUMBER -> "a number";
      case VALUE_BOOLEAN -> "true or false";
      default -> token.name().toLowerCase(Locale.ROOT).replace("value_", "a ");
    };
  }

  private static ParsingException refuse(XContentParser parser, String key, String what) {
    return refuse(parser, "key [" + key + "] " + what);
  }

  private static ParsingException refuse(XContentParser parser, String what) {
    return new ParsingException(parser.getTokenLocation(), "[ext." + NAME + "] " + what);
  }

  /** The text of a key, or null where it is not given. */
  String text(String key) {
    return texts.get(key);
  }

  /** What was said about being remembered, or null where nothing was. */
  Boolean consent() {
    return flags.get(SearchSettings.CONSENT);
  }

  /** Whether a program is said to search, or null where nothing was said. */
  Boolean crawler() {
    return flags.get(SearchSettings.CRAWLER);
  }

  /** How far the search may be personal, 0 to 1, or null where nothing was said. */
  Float strength() {
    String digits = texts.get(STRENGTH);
    return digits == null ? null : Float.valueOf(digits);
  }

  boolean explain() {
    return flags.getOrDefault(EXPLAIN, false);
  }

  /** Whether the client reads what layout rules say about the page. */
  boolean layout() {
    return flags.getOrDefault(LAYOUT, false);
  }

  /** Whether the client wants schema.org's description of the page's hits. */
  boolean structuredData() {
    return flags.getOrDefault(STRUCTURED_DATA, false);
  }

  /** Whether the client labels paid places, so that it may be given some. */
  boolean sponsored() {
    return flags.getOrDefault(SPONSORED, false);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject(NAME);
    for (Map.Entry<String, String> entry : texts.entrySet()) {
      String text = entry.getValue();
      switch (entry.getKey()) {
        case STRENGTH -> builder.field(STRENGTH, strength());
        case Segments.KEY -> builder.field(Segments.KEY, Segments.in(text));
        case Experiments.KEY -> builder.field(Experiments.KEY, Experiments.in(text));
        default -> builder.field(entry.getKey(), text);
      }
    }
    for (Map.Entry<String, Boolean> entry : flags.entrySet()) {
      builder.field(entry.getKey(), entry.getValue());
    }
    return builder.endObject();
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReshelfExt ext && texts.equals(ext.texts) && flags.equals(ext.flags);
  }

  @Override
  public int hashCode() {
    return Objects.hash(texts, flags);
  }
}
