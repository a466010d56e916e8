package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.reshelf.v1.Consent;
import org.reshelf.v1.Context;
import org.reshelf.v1.Shopper;

/**
 * Who is searching, and from where: texts by key, as far as they are known.
 *
 * @param texts of {@link #KEYS}; no blank ones, none longer than the contract allows; {@link
 *     Segments} and {@link Experiments} as those classes write them
 * @param consent what was said about being remembered, null where nothing was
 * @param crawler whether a program is said to search, null where nothing was said
 */
record Searcher(Map<String, String> texts, Boolean consent, Boolean crawler) {

  static final Searcher UNKNOWN = new Searcher(Map.of(), null);

  /** The keys that say who is searching, with the most characters each may have. */
  static final Map<String, Integer> SHOPPER_KEYS = new LinkedHashMap<>();

  /** The keys that say from where, with the most characters each may have. */
  static final Map<String, Integer> CONTEXT_KEYS = new LinkedHashMap<>();

  static final Set<String> KEYS;

  /** The keys of the processor's option `shopper`. */
  static final List<String> SHOPPER_OPTIONS;

  /** The keys of the processor's option `context`. */
  static final List<String> CONTEXT_OPTIONS;

  static {
    SHOPPER_KEYS.put("client_id", Limits.ID_CHARACTERS);
    SHOPPER_KEYS.put("session_id", Limits.ID_CHARACTERS);
    SHOPPER_KEYS.put("user_id", Limits.ID_CHARACTERS);
    SHOPPER_KEYS.put(Segments.KEY, Limits.SEGMENTS * (Limits.LABEL_CHARACTERS + 1));
    CONTEXT_KEYS.put("locale", Limits.LOCALE_CHARACTERS);
    CONTEXT_KEYS.put("device", Limits.DEVICE_CHARACTERS);
    CONTEXT_KEYS.put("channel", Limits.DEVICE_CHARACTERS);
    CONTEXT_KEYS.put("application", Limits.ID_CHARACTERS);
    CONTEXT_KEYS.put(Experiments.KEY, Limits.EXPERIMENTS * 2 * (Limits.LABEL_CHARACTERS + 1));
    Map<String, Integer> keys = new LinkedHashMap<>(SHOPPER_KEYS);
    keys.putAll(CONTEXT_KEYS);
    KEYS = Set.copyOf(keys.keySet());
    List<String> shopper = new ArrayList<>(SHOPPER_KEYS.keySet());
    shopper.add(SearchSettings.CONSENT);
    SHOPPER_OPTIONS = List.copyOf(shopper);
    List<String> context = new ArrayList<>(CONTEXT_KEYS.keySet());
    context.add(SearchSettings.CRAWLER);
    CONTEXT_OPTIONS = List.copyOf(context);
  }

  Searcher(Map<String, String> texts, Boolean consent) {
    this(texts, consent, null);
  }

  /** From a processor's options, which have been checked. */
  static Searcher ofOptions(Map<String, Object> shopper, Map<String, Object> context) {
    Map<String, String> texts = new HashMap<>();
    for (Map<String, Object> section : List.of(shopper, context)) {
      section.forEach(
          (key, value) -> {
            if (value instanceof String text) {
              texts.put(key, text);
            }
          });
    }
    return new Searcher(
        texts,
        (Boolean) shopper.get(SearchSettings.CONSENT),
        (Boolean) context.get(SearchSettings.CRAWLER));
  }

  /** The most characters of a key's text. */
  static int limit(String key) {
    Integer limit = SHOPPER_KEYS.get(key);
    return limit == null ? CONTEXT_KEYS.get(key) : limit;
  }

  /** What this source says, and for what it does not say, the other. */
  Searcher or(Searcher other) {
    if (other.equals(UNKNOWN)) {
      return this;
    }
    Map<String, String> both = new HashMap<>(other.texts);
    both.putAll(texts);
    return new Searcher(
        both, consent == null ? other.consent : consent, crawler == null ? other.crawler : crawler);
  }

  Shopper shopper() {
    return Shopper.newBuilder()
        .setClientId(text("client_id"))
        .setSessionId(text("session_id"))
        .setUserId(text("user_id"))
        .addAllSegments(Segments.in(text(Segments.KEY)))
        .setConsent(
            consent == null
                ? Consent.CONSENT_UNSPECIFIED
                : consent ? Consent.CONSENT_GRANTED : Consent.CONSENT_DENIED)
        .build();
  }

  /** Where the search came from, without its time. */
  Context.Builder context() {
    return Context.newBuilder()
        .setLocale(text("locale"))
        .setDevice(text("device"))
        .setChannel(text("channel"))
        .setApplication(text("application"))
        .putAllExperiments(Experiments.in(text(Experiments.KEY)))
        .setCrawler(Boolean.TRUE.equals(crawler));
  }

  private String text(String key) {
    return Objects.requireNonNullElse(texts.get(key), "");
  }

  /** Keeps ids out of logs, wherever this object is printed. */
  @Override
  public String toString() {
    return "Searcher" + texts.keySet();
  }
}
