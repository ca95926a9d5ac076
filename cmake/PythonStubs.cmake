# Target python_stubs: the Python stubs of proto/, generated into the build folder and installed
# into server/proto. The interpreter needs grpcio-tools.
set(stubs_folder ${CMAKE_BINARY_DIR}/stubs)
set(stub_files)
set(proto_files)
foreach(name inference model_config health)
  list(APPEND proto_files ${PROJECT_SOURCE_DIR}/proto/${name}.proto)
  foreach(suffix _pb2.py _pb2.pyi _pb2_grpc.py)
    list(APPEND stub_files ${stubs_folder}/${name}${suffix})
  endforeach()
endforeach()
add_custom_command(
  OUTPUT ${stub_files}
  COMMAND ${Python_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/generate_stubs.py
          --proto ${PROJECT_SOURCE_DIR}/proto --out ${stubs_folder}
  DEPENDS ${proto_files} ${PROJECT_SOURCE_DIR}/tools/generate_stubs.py
  VERBATIM)
add_custom_target(python_stubs ALL DEPENDS ${stub_files})
install(FILES ${stub_files} DESTINATION server/proto)
