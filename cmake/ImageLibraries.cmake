# Targets jpeg, png16, webp and hwy: the system's libraries, or those under CMAKE_PREFIX_PATH.
function(skein_import target header library)
  string(TOUPPER ${target} upper)
  find_path(SKEIN_${upper}_INCLUDE ${header} REQUIRED)
  find_library(SKEIN_${upper}_LIBRARY ${library} REQUIRED)
  add_library(${target} SHARED IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${SKEIN_${upper}_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${SKEIN_${upper}_INCLUDE})
endfunction()

skein_import(jpeg jpeglib.h jpeg)
skein_import(png16 png.h png16)
skein_import(webp webp/decode.h webp)
skein_import(hwy hwy/highway.h hwy)
