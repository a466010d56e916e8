package org.reshelf.opensearch.search;

/** Short names: of segments, experiments and their arms. */
final class Labels {

  private Labels() {}

  /** Whether a text is a name that the sidecar accepts. */
  static boolean isOne(Object value) {
    return value instanceof String text
        && !text.isBlank()
        && !Limits.longerThan(text, Limits.LABEL_CHARACTERS)
        && text.chars().noneMatch(Character::isISOControl);
  }
}
