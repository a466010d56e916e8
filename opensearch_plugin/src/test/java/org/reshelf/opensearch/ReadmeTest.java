package org.reshelf.opensearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.settings.Settings;
import org.reshelf.opensearch.client.ClientSettings;

/** The settings in README.md are the settings there are, with their defaults. */
class ReadmeTest {

  private final ReshelfPlugin plugin = new ReshelfPlugin(Settings.EMPTY, Path.of("."));

  private static String readme() throws IOException {
    return Files.readString(Path.of("README.md"));
  }

  @Test
  void namesEverySettingAndNoOther() throws IOException {
    Set<String> named = new HashSet<>();
    Matcher key = Pattern.compile("`(reshelf\\.[a-z_.]+)`").matcher(readme());
    while (key.find()) {
      named.add(key.group(1));
    }
    Set<String> registered = new HashSet<>();
    plugin.getSettings().forEach(setting -> registered.add(setting.getKey()));
    plugin
        .getExecutorBuilders(Settings.EMPTY)
        .forEach(
            pool ->
                pool.getRegisteredSettings().forEach(setting -> registered.add(setting.getKey())));
    assertEquals(registered, named);
  }

  @Test
  void givesTheDefaults() throws IOException {
    String readme = readme();
    for (Setting<?> setting :
        List.of(
            ClientSettings.DEADLINE,
            ClientSettings.MAX_IN_FLIGHT,
            ClientSettings.MAX_MESSAGE_SIZE,
            ClientSettings.BREAKER_FAILURES,
            ClientSettings.BREAKER_COOLDOWN,
            ClientSettings.HEALTH_INTERVAL,
            ClientSettings.DNS_INTERVAL,
            ClientSettings.TLS_ENABLED)) {
      String row =
          "| `" + setting.getKey() + "` | `" + setting.getDefaultRaw(Settings.EMPTY) + "` |";
      assertTrue(readme.contains(row), row);
    }
  }
}
