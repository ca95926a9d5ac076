// simdjson, with errors as values.
#pragma once

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>
