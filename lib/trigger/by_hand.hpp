/// @file
/// ByHand: a deployment asked for without a push: what was asked for last, once more, or a revision of any of the app's
/// repositories.
#pragma once

#include "config/settings.hpp"
#include "git/repository.hpp"
#include "model/home.hpp"
#include "model/request.hpp"
#include "store/history.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct HandOrder {
  std::string app;
  std::optional<Destination> destination; ///< nothing: where what was asked for last was to go; of a revision: idle
  std::string revision;                   ///< empty: what was asked for last
  std::string image = {};                 ///< in place of a revision: one that was built elsewhere
};

/// Where nothing was asked for yet, it is the first of the app's branches that any of its repositories has. Throws
/// Error(usage) if there is no such commit, naming the repositories, or if the image is no reference of one.
[[nodiscard]] Request request_by_hand(const Home& home, const History& history, const HandOrder& order,
                                      const std::vector<std::string>& branches, TimePoint at);

/// Of an image that was built elsewhere: `name` is what people call it, `reference` what is run.
[[nodiscard]] Event event_of_image(std::string_view app, const std::string& name, const std::string& reference,
                                   TimePoint at);

/// `event` once more, by hand.
[[nodiscard]] Event asked_again(const Event& event, TimePoint at);

/// Of `revision` in `repository`, or, where it is empty, of the first of the branches that it has. Throws Error(usage)
/// if there is no such commit.
[[nodiscard]] Event event_by_hand(const git::Repository& repository, std::string_view app, std::string_view revision,
                                  const std::vector<std::string>& branches, TimePoint at);

} // namespace teal
