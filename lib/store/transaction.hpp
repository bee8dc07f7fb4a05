/// @file
/// Transaction: work on the store that is done whole, or not at all. Inside store only.
#pragma once

#include "store/database.hpp"
#include "store/sql.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <string_view>

namespace teal {

/// Works in one transaction that nobody else can write beside. Returns what `work` does.
template <class Work>
decltype(auto) in_transaction(const Database& database, std::string_view doing, Work&& work) {
  return in_store(database.handle(), doing, [&] {
    SQLite::Transaction transaction(database.handle(), SQLite::TransactionBehavior::IMMEDIATE);
    auto result = work(database.handle());
    transaction.commit();
    return result;
  });
}

} // namespace teal
