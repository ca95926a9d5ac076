# Sets SKEIN_ONNXRUNTIME_HEADERS to a folder that holds onnxruntime_c_api.h: the option's, the
# system's (Debian's libonnxruntime-dev, trixie and later), or that one package fetched with a
# private apt state and unpacked into the build folder (bookworm), leaving the system untouched.
if(SKEIN_ONNXRUNTIME_INCLUDE)
  set(SKEIN_ONNXRUNTIME_HEADERS ${SKEIN_ONNXRUNTIME_INCLUDE})
else()
  find_path(SKEIN_SYSTEM_ONNXRUNTIME onnxruntime_c_api.h PATH_SUFFIXES onnxruntime)
  if(SKEIN_SYSTEM_ONNXRUNTIME)
    set(SKEIN_ONNXRUNTIME_HEADERS ${SKEIN_SYSTEM_ONNXRUNTIME})
  else()
    set(folder ${CMAKE_BINARY_DIR}/onnxruntime-headers)
    if(NOT EXISTS ${folder}/usr/include/onnxruntime/onnxruntime_c_api.h)
      execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/fetch_onnxruntime_headers.sh ${folder}
                      RESULT_VARIABLE failed)
      if(failed)
        message(FATAL_ERROR "No ONNX Runtime headers. Install libonnxruntime-dev (Debian trixie or "
                            "later) or pass -DSKEIN_ONNXRUNTIME_INCLUDE=<folder with "
                            "onnxruntime_c_api.h>.")
      endif()
    endif()
    set(SKEIN_ONNXRUNTIME_HEADERS ${folder}/usr/include/onnxruntime)
  endif()
endif()
if(NOT EXISTS ${SKEIN_ONNXRUNTIME_HEADERS}/onnxruntime_c_api.h)
  message(FATAL_ERROR "SKEIN_ONNXRUNTIME_INCLUDE=${SKEIN_ONNXRUNTIME_HEADERS} holds no onnxruntime_c_api.h")
endif()
