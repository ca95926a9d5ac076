# Target simdjson: the system's library, or the one under CMAKE_PREFIX_PATH.
find_path(SKEIN_SIMDJSON_INCLUDE simdjson.h REQUIRED)
find_library(SKEIN_SIMDJSON_LIBRARY simdjson REQUIRED)
add_library(simdjson SHARED IMPORTED GLOBAL)
set_target_properties(simdjson PROPERTIES
  IMPORTED_LOCATION ${SKEIN_SIMDJSON_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${SKEIN_SIMDJSON_INCLUDE})
