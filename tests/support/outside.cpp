#include "support/outside.h"

namespace twinlake::test {

using nlohmann::json;

namespace {

simulator::RegionOptions options_of_third(const Lab& lab) {
  simulator::RegionOptions options;
  options.name = "third";
  options.workspace_id = 3333333333333333;
  options.seed = lab.options().seed * 2 + 77;
  options.account = lab.options().account;
  return options;
}

std::unique_ptr<state::Store> open_store(const std::string& folder) {
  auto store = state::Store::open(folder.empty() ? "memory" : folder, "main.outside-3333333333333333");
  if (!store) throw std::runtime_error(describe(store.error()));
  return std::move(*store);
}

Task<std::unique_ptr<workspace::Workspace>> enter_third(Loop* loop, workspace::Connection* connection) {
  auto self = co_await workspace::who_am_i(connection->transport());
  if (!self) throw std::runtime_error(describe(self.error()));
  co_return std::make_unique<workspace::Workspace>(*loop, model::Side::away, connection->transport(), *self, "/tmp");
}

}  // namespace

Outside::Outside(Lab& lab, std::string state_folder)
    : lab_(lab), state_folder_(std::move(state_folder)), region_(std::make_unique<simulator::Region>(options_of_third(lab))),
      transport_(std::make_unique<simulator::InProcessTransport>(lab.loop(), *region_, lab.options().latency)),
      wire_(std::make_unique<Wire>(*transport_)) {
  wire_->life = lab.primary_wire().life;
  if (state_folder_.empty()) kept_ = open_store(state_folder_);
}

json Outside::ask(std::string_view method, const std::string& path, const json& body) {
  return lab_.ask(*region_, region_->options().token, method, path, body);
}

template <class Work>
auto Outside::with_restore(engine::RestoreOptions options, const Work& work) {
  // Another process each time: what it knows is what lies on disk.
  const std::unique_ptr<state::Store> opened = kept_ ? nullptr : open_store(state_folder_);
  state::Store& store = kept_ ? *kept_ : *opened;
  auto connection = connect_wire(lab_.loop(), *wire_, *region_, http::Effect::writes, false, false);
  if (!connection) throw std::runtime_error(describe(connection.error()));
  const auto target = lab_.loop().run(enter_third(&lab_.loop(), &*connection));
  static const std::vector<const model::Kind*> all = kinds::all();
  events::Sink sink;
  options.to = engine::RestoreTo::outside;
  engine::Restore restore(lab_.loop(), all, *target, store, lab_.history(), sink, lab_.rules, std::move(options), lab_.given);
  return work(restore);
}

Result<engine::SyncReport> Outside::restore(engine::RestoreOptions options) {
  return with_restore(std::move(options), [this](engine::Restore& restore) { return lab_.loop().run(restore.carry_out("", nullptr)); });
}

Result<engine::Reading> Outside::plan(engine::RestoreOptions options) {
  return with_restore(std::move(options), [this](engine::Restore& restore) { return lab_.loop().run(restore.plan()); });
}

}  // namespace twinlake::test
