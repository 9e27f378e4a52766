// The keys that say which traces are kept, and what they mean together.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "config/draft.h"
#include "config/entries.h"
#include "config/said.h"
#include "jtrace/error.h"

namespace jtrace::inline v1::detail {

const char* take_sampler_type(Draft& draft, std::string_view text);
const char* take_sampler_param(Draft& draft, std::string_view text);
const char* take_sampling_endpoint(Draft& draft, std::string_view text);
const char* take_sampling_manager(Draft& draft, std::string_view text);
const char* take_sampling_interval(Draft& draft, std::string_view text);
const char* take_max_operations(Draft& draft, std::string_view text);

// A sampler of the user's own crosses as its address. It is no key of the table, so that only code can say it.
inline constexpr std::string_view kOwnSampler = "sampler.own";
void take_own_sampler(Draft& draft, std::span<const ConfigView> from_code);

// An error without a key: none.
Error settle_sampling(Draft& draft, const std::vector<Said>& list);

}  // namespace jtrace::inline v1::detail
