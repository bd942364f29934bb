#include "engine/place_reader.h"

#include <algorithm>
#include <exception>
#include <unordered_map>

#include "model/canonical.h"

namespace twinlake::engine {

using model::Kind;
using workspace::Item;

namespace {
constexpr Micros first_patience = std::chrono::seconds(1);
constexpr Micros most_patience = std::chrono::seconds(8);
constexpr Micros nap = std::chrono::milliseconds(50);
/// 1 + 2 + 3 seconds: longer than any delay of listings that was reported.
constexpr int most_looks = 4;
}  // namespace

PlaceReader::Place& PlaceReader::place_of(const Kind& kind, const std::string& path) {
  std::string folder = model::parent_path(path);
  Place& place = places_[{kind.list_place_verb, folder}];
  if (place.list == nullptr) {
    place.list = kind.list_place_verb;
    place.path = std::move(folder);
    place.patience = first_patience;
  }
  return place;
}

void PlaceReader::expect(const Kind& kind, const std::string& path) { ++place_of(kind, path).expected; }

void PlaceReader::give_up(const Kind& kind, const std::string& path) {
  Place& place = place_of(kind, path);
  --place.expected;
  consider(place);
}

Task<Result<Item>> PlaceReader::show(const Kind& kind, std::string path) {
  Delivery<Result<Item>> found(loop_);
  Place& place = place_of(kind, path);
  --place.expected;
  Waiter waiter;
  waiter.kind = &kind;
  waiter.path = std::move(path);
  waiter.found = &found;
  place.waiting.push_back(std::move(waiter));
  consider(place);
  co_return co_await found.receive();
}

void PlaceReader::consider(Place& place) {
  if (place.waiting.empty()) return;
  if (place.expected <= 0) {
    readers_.start(look(&place));
  } else if (!place.lingering) {
    readers_.start(linger(&place));
  }
}

Task<void> PlaceReader::linger(Place* place) {
  place->lingering = true;
  const Time due = loop_.now() + place->patience;
  // In naps, because nobody wakes a sleeper when the last one has been written and shown meanwhile.
  while (!place->waiting.empty() && loop_.now() < due) co_await loop_.sleep(nap);
  place->lingering = false;
  if (place->waiting.empty()) co_return;
  place->patience = std::min(most_patience, place->patience * 2);
  co_await look(place);
}

Task<void> PlaceReader::look(Place* place) {
  std::vector<Waiter> waiting = std::exchange(place->waiting, {});
  Result<std::vector<Item>> items;
  try {
    items = co_await workspace::read_place(side_, kinds_, place->list, place->path);
  } catch (...) {
    for (const Waiter& waiter : waiting) waiter.found->put_exception(std::current_exception());
    throw;
  }
  // A new folder may itself be shown late.
  if (!items && items.error().fault != Fault::not_found) {
    for (const Waiter& waiter : waiting) waiter.found->put(fail(items.error()));
    co_return;
  }
  std::vector<Waiter> unseen = hand_out(items ? std::move(*items) : std::vector<Item>{}, std::move(waiting));
  if (!unseen.empty()) co_await look_again(place, std::move(unseen));
}

std::vector<PlaceReader::Waiter> PlaceReader::hand_out(std::vector<Item> items, std::vector<Waiter> waiting) {
  std::unordered_map<std::string, Item*> by_path;
  for (Item& item : items) by_path.emplace(item.key, &item);
  std::vector<Waiter> unseen;
  for (Waiter& waiter : waiting) {
    const auto found = by_path.find(waiter.path);
    if (found != by_path.end() && found->second->kind == waiter.kind) {
      waiter.found->put(std::move(*found->second));
    } else if (++waiter.looks >= most_looks) {
      waiter.found->put(fail(Fault::not_found, "was written, but the secondary does not list it"));
    } else {
      unseen.push_back(std::move(waiter));
    }
  }
  return unseen;
}

Task<void> PlaceReader::look_again(Place* place, std::vector<Waiter> unseen) {
  co_await loop_.sleep(std::chrono::seconds(unseen.front().looks));
  for (Waiter& waiter : unseen) place->waiting.push_back(std::move(waiter));
  consider(*place);
}

}  // namespace twinlake::engine
