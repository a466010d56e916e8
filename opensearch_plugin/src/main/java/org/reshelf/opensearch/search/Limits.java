package org.reshelf.opensearch.search;

/** How much of anything is sent to the sidecar. The contract's own limits, see `rerank.proto`. */
final class Limits {

  static final int CANDIDATES = 1_000;
  static final int QUERY_CHARACTERS = 2_048;
  static final int ID_CHARACTERS = 128;
  static final int LOCALE_CHARACTERS = 35;
  static final int DEVICE_CHARACTERS = 64;
  static final int PROFILE_CHARACTERS = 64;

  /** The name of a segment, of an experiment, of an arm. */
  static final int LABEL_CHARACTERS = 64;

  static final int SEGMENTS = 32;
  static final int EXPERIMENTS = 16;

  /** What a search is restricted to: filters, values of one of them, characters of a value. */
  static final int FILTERS = 32;

  static final int FILTER_VALUES = 64;
  static final int FILTER_CHARACTERS = 256;

  /** Documents that one answer may bring in. */
  static final int FETCHED = 100;

  static final int FIELDS = 64;
  static final int FIELD_NAME_CHARACTERS = 256;

  /** Texts and flags of one field of one candidate; the rest are left out. */
  static final int VALUES = 64;

  /** Numbers of one field of one candidate: a field may be a vector. */
  static final int NUMBERS = 2_048;

  /** The most text of one candidate, in characters. */
  static final int CANDIDATE_CHARACTERS = 16_384;

  /**
   * The most text of one call, in characters: what a gRPC server accepts by default is 4 MiB, and a
   * character may take three bytes. With many candidates each gets a smaller share.
   */
  static final int REQUEST_CHARACTERS = 1_000_000;

  private Limits() {}

  /** The text cut to a number of characters (code points), never inside one. */
  static String truncate(String text, int characters) {
    if (text.length() <= characters || text.codePointCount(0, text.length()) <= characters) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, characters));
  }

  static boolean longerThan(String text, int characters) {
    return text.length() > characters && text.codePointCount(0, text.length()) > characters;
  }
}
