package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.settings.Setting.Property;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.rest.RestHeaderDefinition;

/** The settings of this package. What a value may be is checked by the setting itself. */
final class SearchSettings {

  static final String CONSENT = "consent";
  static final String CRAWLER = "crawler";

  /** The keys of a searcher that hold true or false. */
  static final Set<String> FLAGS = Set.of(CONSENT, CRAWLER);

  /** How long a query's order is remembered for its further pages. */
  static final Setting<TimeValue> PAGES_TTL =
      Setting.timeSetting(
          "reshelf.pages.ttl",
          TimeValue.timeValueSeconds(60),
          TimeValue.timeValueMillis(1),
          TimeValue.timeValueHours(1),
          Property.NodeScope,
          Property.Dynamic);

  /** How many queries' orders are remembered; 0 remembers none. */
  static final Setting<Integer> PAGES_MAX_ENTRIES =
      Setting.intSetting(
          "reshelf.pages.max_entries", 10_000, 0, 1_000_000, Property.NodeScope, Property.Dynamic);

  /**
   * Whether a first page that no sidecar answers keeps the order that its query had a moment ago.
   * Off by default, so that a dead sidecar costs nothing and is seen: the page is OpenSearch's own
   * then, and so are those after it.
   */
  static final Setting<Boolean> PAGES_KEEP_FIRST =
      Setting.boolSetting(
          "reshelf.pages.keep_first_page", false, Property.NodeScope, Property.Dynamic);

  /**
   * Whether {@code ext.ubi} is accepted where the User Behavior Insights plugin is not installed.
   * With that plugin it must stay off: a section has one owner.
   */
  static final Setting<Boolean> ACCEPT_UBI =
      Setting.boolSetting("reshelf.accept_ubi_ext", false, Property.NodeScope);

  /** The request headers that say who is searching, by the key that each fills. */
  static final Map<String, Setting<String>> HEADERS = headers();

  /** Headers that OpenSearch copies anyway: copying one twice fails every request that has it. */
  private static final Set<String> COPIED_ANYWAY =
      Set.of("x-opaque-id", "x-request-id", "workloadgroupid");

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");

  private SearchSettings() {}

  private static Map<String, Setting<String>> headers() {
    List<String> keys = new ArrayList<>(Searcher.SHOPPER_KEYS.keySet());
    keys.add(CONSENT);
    keys.addAll(Searcher.CONTEXT_KEYS.keySet());
    keys.add(CRAWLER);
    Map<String, Setting<String>> settings = new LinkedHashMap<>();
    for (String key : keys) {
      settings.put(
          key,
          Setting.simpleString(
              "reshelf.headers." + key,
              value -> checkHeader("reshelf.headers." + key, value),
              Property.NodeScope));
    }
    return settings;
  }

  private static void checkHeader(String setting, String value) {
    if (!value.isEmpty() && !TOKEN.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "["
              + setting
              + "] must be the name of a request header, such as [X-Client-Id], or empty for none");
    }
  }

  static List<Setting<?>> all() {
    List<Setting<?>> settings = new ArrayList<>(HEADERS.values());
    settings.add(PAGES_TTL);
    settings.add(PAGES_MAX_ENTRIES);
    settings.add(PAGES_KEEP_FIRST);
    settings.add(ACCEPT_UBI);
    return settings;
  }

  /** The header's name by key, for the keys that have one. */
  static Map<String, String> headerNames(Settings nodeSettings) {
    Map<String, String> names = new TreeMap<>();
    HEADERS.forEach(
        (key, setting) -> {
          String name = setting.get(nodeSettings);
          if (!name.isEmpty()) {
            names.put(key, name);
          }
        });
    return names;
  }

  static Collection<RestHeaderDefinition> restHeaders(Settings nodeSettings) {
    Map<String, RestHeaderDefinition> byLowerCase = new TreeMap<>();
    for (String name : headerNames(nodeSettings).values()) {
      String lowerCase = name.toLowerCase(Locale.ROOT);
      if (!COPIED_ANYWAY.contains(lowerCase)) {
        byLowerCase.putIfAbsent(lowerCase, new RestHeaderDefinition(name, false));
      }
    }
    return byLowerCase.values();
  }
}
