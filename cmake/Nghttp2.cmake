# Target nghttp2: the system's library, or the one under CMAKE_PREFIX_PATH.
find_path(SKEIN_NGHTTP2_INCLUDE nghttp2/nghttp2.h REQUIRED)
find_library(SKEIN_NGHTTP2_LIBRARY nghttp2 REQUIRED)
add_library(nghttp2 SHARED IMPORTED GLOBAL)
set_target_properties(nghttp2 PROPERTIES
  IMPORTED_LOCATION ${SKEIN_NGHTTP2_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${SKEIN_NGHTTP2_INCLUDE})
