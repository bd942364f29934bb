#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>

#include "app/commands/commands.h"
#include "app/commands/simulate_account.h"
#include "app/commands/simulate_azure.h"
#include "app/files.h"
#include "app/output.h"
#include "app/stop_signal.h"
#include "simulator/estate/estate.h"
#include "simulator/identity/entra.h"
#include "simulator/server/server.h"

namespace twinlake::app {

namespace {

using simulator::Region;
using simulator::RegionOptions;

struct SimulateFlags {
  std::string primary = "127.0.0.1:8451";
  std::string secondary = "127.0.0.1:8452";
  std::string azure;
  std::string account;
  std::string provision_time = "20s";
  bool secondary_absent = false;
  std::string write_config;
  std::string estate = "demo";
  std::string latency = "0ms";
  std::string limits = "off";
  std::int64_t seed = 1;
  std::int64_t workspace_id = 1111111111111111;
  std::vector<std::string> tls;
  bool exit_with_parent = false;
};

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Result<Address> address_of(const std::string& text, std::string_view option) {
  const std::size_t colon = text.rfind(':');
  Address address;
  unsigned port = 0;
  if (colon != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
    if (parsed.ec == std::errc() && parsed.ptr == end && port <= 65535)
      address.host = text.substr(0, colon);
  }
  if (address.host.empty())
    return fail(Fault::config, "`" + text + "` of " + std::string(option) + " is no address",
                "Write ADDRESS:PORT, for example 127.0.0.1:8451; port 0 takes any free one");
  address.port = static_cast<std::uint16_t>(port);
  if (address.host == "localhost") address.host = "127.0.0.1";
  if (address.host == "[::1]") address.host = "::1";
  // Whoever reaches it can do everything with it.
  if (!address.host.starts_with("127.") && address.host != "::1")
    return fail(Fault::config,
                "`" + text + "` of " + std::string(option) + " is not on this machine",
                "The simulator listens on loopback only: 127.0.0.1 to 127.255.255.254");
  return address;
}

Result<std::chrono::milliseconds> time_of(const std::string& text, std::string_view option,
                                          double most_seconds) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const std::string unit(parsed.ptr, end);
  const double factor = unit == "s" ? 1000 : 1;
  const bool good = parsed.ec == std::errc() && (unit == "ms" || unit == "s" || unit.empty());
  if (!good || !(number >= 0) || number * factor > most_seconds * 1000)
    return fail(Fault::config, "`" + text + "` of " + std::string(option) + " is no time",
                "Write milliseconds or seconds, like 50ms or 0.2s, not too long");
  return std::chrono::milliseconds(static_cast<std::int64_t>(number * factor));
}

std::unique_ptr<Region> make_region(const SimulateFlags& flags, bool primary,
                                    std::shared_ptr<simulator::Entra> entra) {
  RegionOptions options;
  if (!flags.azure.empty())
    options.credentials.push_back(azure_credential(primary || !flags.secondary_absent));
  options.entra = std::move(entra);
  options.name = primary ? "primary" : "secondary";
  // As far apart as the ids that everybody knows by heart.
  options.workspace_id = primary ? flags.workspace_id : flags.workspace_id + 1111111111111111;
  options.token = "dapi-simulated-" + options.name;
  // Two workspaces never call anything by the same id.
  options.seed = static_cast<std::uint64_t>(flags.seed) * 2 + (primary ? 0 : 1);
  return std::make_unique<Region>(std::move(options));
}

Result<std::uint16_t> listen(simulator::Server& server, simulator::Host& host,
                             const Address& address, std::chrono::milliseconds latency,
                             const SimulateFlags& flags) {
  simulator::ListenOptions options;
  options.address = address.host;
  options.port = address.port;
  options.latency = latency;
  if (flags.tls.size() == 2) {
    options.certificate_file = flags.tls[0];
    options.key_file = flags.tls[1];
  }
  try {
    return server.listen(host, options);
  } catch (const std::exception& problem) {
    return fail(Fault::io,
                "cannot listen on " + address.host + ":" + std::to_string(address.port) + ": " +
                    problem.what(),
                "Choose a free port (0 takes any), and check the files of --tls");
  }
}

Result<void> check_tls_files(const SimulateFlags& flags) {
  for (const std::string& file : flags.tls)
    if (access(file.c_str(), R_OK) != 0)
      return fail(Fault::io, "cannot read " + file + ": " + std::strerror(errno),
                  "Give --tls a certificate and its key as PEM files");
  return {};
}

std::string profile_text(const Region& region, const std::string& url) {
  return "[" + region.options().name + "]\nhost  = " + url + "\ntoken = " + region.options().token +
         "\n";
}

std::string url_of(const Address& address, std::uint16_t port, const SimulateFlags& flags) {
  const bool tls = flags.tls.size() == 2;
  std::string url = tls ? "https://" : "http://";
  url += address.host == "::1" ? "[::1]" : address.host;
  const bool usual = port == (tls ? 443 : 80);
  return usual ? url : url + ":" + std::to_string(port);
}

void fill(Region& primary, Region& secondary, bool azure) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  simulator::EstateSize size;
  size.azure = size.mounts = azure;
  simulator::fill_estate(primary, secondary, size, now.count());
}

void end_with_parent() {
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) raise(SIGTERM);  // it was gone before we asked
}

/// Everything that is served, and where.
struct Simulation {
  std::shared_ptr<simulator::Entra> entra;
  std::unique_ptr<Region> primary, secondary;
  std::unique_ptr<simulator::Cloud> cloud;             ///< nullptr without --azure
  std::unique_ptr<simulator::AccountConsole> account;  ///< nullptr without --account
  std::string primary_url, secondary_url, azure_url, account_url;
};

Result<void> check_azure_flags(const SimulateFlags& flags) {
  if (flags.secondary_absent && flags.azure.empty())
    return fail(Fault::config, "--secondary-absent needs --azure",
                "Only there the workspace of the secondary can be made");
  return {};
}

Result<void> make_simulation(const SimulateFlags& flags, Simulation& made) {
  // One company, one tenant: a principal that signed in may go to both workspaces.
  made.entra = std::make_shared<simulator::Entra>(RegionOptions().tenant);
  made.primary = make_region(flags, true, made.entra);
  made.secondary = make_region(flags, false, made.entra);
  try {
    if (flags.estate == "demo") fill(*made.primary, *made.secondary, !flags.azure.empty());
  } catch (const std::exception& problem) {
    return fail(Fault::bug, std::string("the estate could not be made: ") + problem.what());
  }
  for (Region* region : {made.primary.get(), made.secondary.get()}) {
    region->set_enforce_limits(flags.limits == "published");
    region->traffic() = {};  // counts are of clients, not of how the estate was made
  }
  if (!flags.account.empty())
    made.account = make_console(made.entra, *made.primary, *made.secondary);
  if (flags.azure.empty()) return {};
  TRY(const auto provision_time, time_of(flags.provision_time, "--provision-time", 3600));
  made.cloud = make_cloud(made.entra, provision_time, flags.limits == "published");
  return {};
}

Result<void> listen_to_all(const SimulateFlags& flags, simulator::Server& server,
                           Simulation& made) {
  TRY(const Address first, address_of(flags.primary, "--primary"));
  TRY(const Address second, address_of(flags.secondary, "--secondary"));
  TRY(const auto latency, time_of(flags.latency, "--latency", 60));
  TRY(const std::uint16_t first_port, listen(server, *made.primary, first, latency, flags));
  TRY(const std::uint16_t second_port, listen(server, *made.secondary, second, latency, flags));
  made.primary_url = url_of(first, first_port, flags);
  made.secondary_url = url_of(second, second_port, flags);
  if (made.account) {
    TRY(const Address account, address_of(flags.account, "--account"));
    TRY(const std::uint16_t port, listen(server, *made.account, account, latency, flags));
    made.account_url = url_of(account, port, flags);
  }
  if (!made.cloud) return {};
  TRY(const Address azure, address_of(flags.azure, "--azure"));
  TRY(const std::uint16_t azure_port, listen(server, *made.cloud, azure, latency, flags));
  made.azure_url = url_of(azure, azure_port, flags);
  server.run([&] {
    put_workspaces_into(*made.cloud, *made.primary, made.primary_url, *made.secondary,
                        made.secondary_url, flags.secondary_absent, flags.estate == "demo");
  });
  return {};
}

std::string config_of(const SimulateFlags& flags, const Simulation& made) {
  const std::string account =
      made.account ? "\n" + account_profile_text(*made.account, made.account_url) : "";
  if (!made.cloud)
    return profile_text(*made.primary, made.primary_url) + "\n" +
           profile_text(*made.secondary, made.secondary_url) + account;
  return azure_profile_text(*made.cloud, "primary", made.primary_url, made.azure_url) + "\n" +
         azure_profile_text(*made.cloud, "secondary",
                            flags.secondary_absent ? "" : made.secondary_url, made.azure_url) +
         account;
}

Result<ExitCode> run_simulate(const SimulateFlags& flags) {
  CHECK(address_of(flags.primary, "--primary"));
  CHECK(address_of(flags.secondary, "--secondary"));
  CHECK(time_of(flags.latency, "--latency", 60));
  if (!flags.azure.empty()) CHECK(address_of(flags.azure, "--azure"));
  if (!flags.account.empty()) CHECK(address_of(flags.account, "--account"));
  CHECK(check_azure_flags(flags));
  CHECK(check_tls_files(flags));
  const SignalWait signals;
  if (flags.exit_with_parent) end_with_parent();
  Simulation made;
  CHECK(make_simulation(flags, made));
  simulator::Server server;
  CHECK(listen_to_all(flags, server, made));
  if (!flags.write_config.empty())
    CHECK(write_atomically(flags.write_config, config_of(flags, made), Privacy::owner_only));
  print("ready: primary " + made.primary_url + ", secondary " + made.secondary_url +
        (made.cloud ? ", azure " + made.azure_url : "") +
        (made.account ? ", account " + made.account_url : "") + "\n");
  if (!finish_output())
    return fail(Fault::io, "standard output cannot be written", "Check where it goes");
  signals.wait();
  return ExitCode::good;
}

std::vector<Option> options_into(SimulateFlags& flags) {
  return {
      {"--primary", "ADDR:PORT", "Where the primary listens (127.0.0.1:8451)", &flags.primary},
      {"--secondary", "ADDR:PORT", "Where the secondary listens (127.0.0.1:8452)",
       &flags.secondary},
      {"--azure", "ADDR:PORT",
       "Where the Azure around both listens: its login and Resource Manager", &flags.azure},
      {"--account", "ADDR:PORT",
       "Where the account console above both listens: Managed Disaster Recovery", &flags.account},
      {"--secondary-absent", "", "The secondary's workspace has to be made through --azure first",
       &flags.secondary_absent},
      {"--provision-time", "TIME", "How long Azure takes to make a workspace (20s)",
       &flags.provision_time},
      {"--write-config", "FILE", "Write a databrickscfg with the profiles primary and secondary",
       &flags.write_config},
      {"--estate",
       "ESTATE",
       "demo: a believable estate in the primary; empty: nothing",
       &flags.estate,
       {"demo", "empty"}},
      {"--latency", "TIME", "How long each request takes at least, like 50ms", &flags.latency},
      {"--limits",
       "LIMITS",
       "published: the service's rate limits are enforced; off",
       &flags.limits,
       {"published", "off"}},
      {"--seed", "N", "Ids are made from it", &flags.seed},
      {"--workspace-id", "ID",
       "Of the primary (1111111111111111), for more than two regions at once; the secondary's is "
       "as much larger",
       &flags.workspace_id},
      {"--tls", "CERT KEY", "PEM files; both regions speak https", &flags.tls},
      {"--exit-with-parent", "", "End when the process that started this ends",
       &flags.exit_with_parent},
  };
}

}  // namespace

Command simulate_command() {
  const auto flags = std::make_shared<SimulateFlags>();
  Command command;
  command.name = "simulate";
  command.about = "Serve two simulated regions on this machine, to try everything on";
  command.details =
      "Here --primary and --secondary are the addresses to listen on. Runs until Ctrl-C; one line "
      "says when both are "
      "ready. Each region also answers GET /sim/world and /sim/requests, POST /sim/faults, "
      "/sim/outage and /sim/restore.";
  command.options = options_into(*flags);
  command.examples = {
      "twinlake simulate --write-config sim.cfg --latency 50ms",
      "DATABRICKS_CONFIG_FILE=sim.cfg twinlake --primary primary --secondary secondary plan"};
  command.run = [flags](const Globals&) { return run_simulate(*flags); };
  return command;
}

}  // namespace twinlake::app
