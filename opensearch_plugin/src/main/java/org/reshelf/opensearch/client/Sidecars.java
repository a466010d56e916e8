package org.reshelf.opensearch.client;

import io.grpc.ChannelCredentials;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The sidecars in use, kept in step with the settings, the DNS and the TLS files.
 *
 * <p>An address that stays keeps its channel. Those that go serve on until a new one is warm, so
 * that a change loses no search. What cannot be done (an unreadable file, an unknown name) leaves
 * things as they were, is logged, shown in the stats, and tried again.
 */
final class Sidecars implements AutoCloseable {

  private static final Logger logger = LogManager.getLogger(Sidecars.class);
  private static final long TICK_MILLIS = 50;
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How long those that go may stand in for those that come. */
  private static final long STAND_IN_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Path configFolder;
  private final ClientThreads threads;
  private final Connections connections;
  private final Balancer balancer = new Balancer();
  private final AtomicBoolean due = new AtomicBoolean();

  /** Held for moments only: the timer waits for it. */
  private final Object swap = new Object();

  private volatile ClientConfig config;
  private volatile Secrets secrets;
  // Replaced as a whole, never changed: searches read it without a lock.
  private volatile List<Endpoint> serving = List.of();
  private volatile List<Endpoint> standIns = List.of();
  private volatile long standInsUntil;
  private volatile long nextUpdate;
  private volatile String problem = "";
  private volatile boolean closed;

  // Only used by update(), which runs once at a time.
  private final Map<Target, List<InetAddress>> known = new HashMap<>();
  private Connection.Spec spec;
  private List<Object> specMadeFrom = List.of();

  Sidecars(ClientConfig config, Secrets secrets, Path configFolder, ClientThreads threads) {
    this.config = config;
    this.secrets = secrets;
    this.configFolder = configFolder;
    this.threads = threads;
    this.connections = new Connections(threads);
  }

  void start() {
    threads.timer().scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    updateSoon();
  }

  ClientConfig config() {
    return config;
  }

  /** What could not be done as the settings say, or empty. */
  String problem() {
    return problem;
  }

  void apply(ClientConfig newConfig) {
    config = newConfig;
    updateSoon();
  }

  void apply(Secrets newSecrets) {
    secrets = newSecrets;
    updateSoon();
  }

  boolean anyUsable() {
    return anyUsable(serving) || anyUsable(standIns);
  }

  boolean anyOpen() {
    for (Endpoint endpoint : serving) {
      if (endpoint.isOpen()) {
        return true;
      }
    }
    return false;
  }

  /** The sidecar for the next search, other than {@code not}; null when there is none. */
  Endpoint pick(Endpoint not) {
    Endpoint picked = pick(serving, not);
    return picked != null ? picked : pick(standIns, not);
  }

  private Endpoint pick(List<Endpoint> from, Endpoint not) {
    return balancer.pick(
        from, endpoint -> endpoint != not && endpoint.usable(), Endpoint::inFlight);
  }

  List<TargetState> states() {
    return serving.stream().map(Endpoint::state).toList();
  }

  private static boolean anyUsable(List<Endpoint> endpoints) {
    for (Endpoint endpoint : endpoints) {
      if (endpoint.usable()) {
        return true;
      }
    }
    return false;
  }

  private void tick() {
    try {
      long now = System.nanoTime();
      for (Endpoint endpoint : serving) {
        endpoint.tick(now);
      }
      dismissStandIns(now);
      if (now - nextUpdate >= 0) {
        updateSoon();
      }
    } catch (RuntimeException defect) {
      // An exception would end the timer's repetition.
      logger.error("defect in the watch over sidecars", defect);
    }
  }

  private void dismissStandIns(long now) {
    if (standIns.isEmpty()) {
      return;
    }
    synchronized (swap) {
      if (anyUsable(serving) || now - standInsUntil >= 0) {
        standIns.forEach(Endpoint::retire);
        standIns = List.of();
      }
    }
  }

  private void updateSoon() {
    nextUpdate = System.nanoTime() + config.dnsInterval().nanos();
    due.set(true);
    threads.inputOutput().execute(this::update);
  }

  /** Blocks on files and look-ups; only input/output threads wait for each other here. */
  private synchronized void update() {
    if (due.compareAndSet(true, false) == false || closed) {
      return;
    }
    ClientConfig wanted = config;
    try {
      List<String> problems = new ArrayList<>();
      boolean ready = renewSpec(wanted, problems);
      if (ready) {
        replace(addresses(wanted.targets(), problems));
      }
      tell(String.join("; ", problems));
    } catch (RuntimeException defect) {
      logger.error("defect while taking over settings; the sidecars stay as they were", defect);
      problem = "internal error: " + defect;
    }
    if (problem.isEmpty() == false) {
      nextUpdate = Math.min(nextUpdate, System.nanoTime() + RETRY_NANOS);
    }
  }

  private void tell(String problems) {
    if (problems.equals(problem) == false) {
      if (problems.isEmpty() == false) {
        logger.error("sidecar settings cannot be followed yet: {}", problems);
      } else {
        logger.info("sidecar settings are followed again");
      }
    }
    problem = problems;
  }

  /** Makes new credentials where the settings, the secrets or the files changed. */
  private boolean renewSpec(ClientConfig wanted, List<String> problems) {
    List<Object> from = new ArrayList<>(List.of(wanted.tls(), secrets, wanted.maxMessageBytes()));
    if (wanted.tls().enabled()) {
      for (String file :
          List.of(wanted.tls().caFile(), wanted.tls().certFile(), wanted.tls().keyFile())) {
        from.add(stamp(file));
      }
    }
    if (from.equals(specMadeFrom)) {
      return true;
    }
    try {
      ChannelCredentials credentials = TlsCredentials.load(wanted.tls(), configFolder, secrets);
      spec =
          new Connection.Spec(credentials, wanted.tls(), secrets.token(), wanted.maxMessageBytes());
      specMadeFrom = from;
      return true;
    } catch (IOException | GeneralSecurityException | RuntimeException unusable) {
      problems.add(unusable.getMessage());
      return false;
    }
  }

  private String stamp(String file) {
    if (file.isEmpty()) {
      return "";
    }
    Path path = configFolder.resolve(file);
    try {
      return Files.getLastModifiedTime(path).toMillis() + " " + Files.size(path);
    } catch (IOException unreadable) {
      return "unreadable";
    }
  }

  private Set<Address> addresses(List<Target> targets, List<String> problems) {
    known.keySet().retainAll(targets);
    Set<Address> addresses = new LinkedHashSet<>();
    for (Target target : targets) {
      try {
        known.put(target, List.of(InetAddress.getAllByName(target.host())));
      } catch (UnknownHostException unknown) {
        problems.add("the host of target [" + target + "] is unknown");
      } catch (SecurityException refused) {
        problems.add(
            "looking up the host of target ["
                + target
                + "] is not allowed: "
                + refused.getMessage());
      }
      for (InetAddress ip : known.getOrDefault(target, List.of())) {
        // A link-local address is written with a network card's name, which no channel understands.
        if (ip.isLinkLocalAddress() == false || ip instanceof Inet4Address) {
          addresses.add(new Address(target, ip));
        }
      }
    }
    return addresses;
  }

  private void replace(Set<Address> wanted) {
    synchronized (swap) {
      if (closed) {
        return;
      }
      List<Endpoint> leaving = new ArrayList<>(serving);
      leaving.addAll(standIns);
      List<Endpoint> next = new ArrayList<>();
      for (Address address : wanted) {
        Endpoint kept = null;
        for (Endpoint endpoint : leaving) {
          if (endpoint.matches(address, spec)) {
            kept = endpoint;
            break;
          }
        }
        leaving.remove(kept);
        next.add(kept != null ? kept : new Endpoint(address, spec, this::config, connections));
      }
      if (next.equals(serving)) {
        return;
      }
      standInsUntil = System.nanoTime() + STAND_IN_NANOS;
      // First the stand-ins, then the new ones: in between no search finds nobody.
      standIns = next.isEmpty() ? List.of() : List.copyOf(leaving);
      serving = List.copyOf(next);
      if (next.isEmpty()) {
        leaving.forEach(Endpoint::retire);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    synchronized (swap) {
      serving = List.of();
      standIns = List.of();
    }
    connections.closeAll();
  }
}
