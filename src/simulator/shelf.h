#pragma once
// The objects of one kind, in the order they were made. Pages follow that order, so that an object
// made or removed while a client turns the pages neither repeats nor hides another one.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/body.h"

namespace twinlake::simulator {

template <class T>
class Shelf {
 public:
  T& add(const std::string& id, T item) {
    const std::int64_t place = ++last_place_;
    places_[id] = place;
    return items_.insert_or_assign(place, std::move(item)).first->second;
  }
  [[nodiscard]] T* find(std::string_view id) {
    const auto place = places_.find(id);
    return place == places_.end() ? nullptr : &items_.at(place->second);
  }
  [[nodiscard]] const T* find(std::string_view id) const {
    const auto place = places_.find(id);
    return place == places_.end() ? nullptr : &items_.at(place->second);
  }
  void erase(std::string_view id) {
    const auto place = places_.find(id);
    if (place == places_.end()) return;
    items_.erase(place->second);
    places_.erase(place);
  }
  [[nodiscard]] std::size_t size() const { return items_.size(); }

  /// Oldest first.
  [[nodiscard]] std::vector<T*> all() {
    std::vector<T*> found;
    found.reserve(items_.size());
    for (auto& [place, item] : items_) found.push_back(&item);
    return found;
  }
  [[nodiscard]] std::vector<const T*> all() const {
    std::vector<const T*> found;
    found.reserve(items_.size());
    for (const auto& [place, item] : items_) found.push_back(&item);
    return found;
  }

  struct Page {
    std::vector<const T*> items;
    std::string next;  ///< empty when nothing follows
  };
  enum class Order { oldest_first, newest_first };

  template <class Wanted>
  [[nodiscard]] Page page(const PageWish& wish, Order order, const Wanted& wanted) const {
    if (order == Order::oldest_first) {
      const auto from = wish.after ? items_.upper_bound(*wish.after) : items_.begin();
      return collect(from, items_.end(), wish.limit, wanted);
    }
    const auto from =
        wish.after ? std::make_reverse_iterator(items_.lower_bound(*wish.after)) : items_.rbegin();
    return collect(from, items_.rend(), wish.limit, wanted);
  }
  [[nodiscard]] Page page(const PageWish& wish, Order order) const {
    return page(wish, order, [](const T&) { return true; });
  }

 private:
  template <class Iterator, class Wanted>
  static Page collect(Iterator from, Iterator end, std::size_t limit, const Wanted& wanted) {
    Page page;
    std::int64_t last = 0;
    for (; from != end; ++from) {
      if (!wanted(from->second)) continue;
      if (page.items.size() == limit) {
        page.next = token_for(last);
        break;
      }
      page.items.push_back(&from->second);
      last = from->first;
    }
    return page;
  }

  std::int64_t last_place_ = 0;
  std::map<std::int64_t, T> items_;
  std::map<std::string, std::int64_t, std::less<>> places_;
};

}  // namespace twinlake::simulator
