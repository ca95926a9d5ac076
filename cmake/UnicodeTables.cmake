# Target unicode_tables: csrc/preprocess/unicode.txt as C++, in the build folder.
find_package(Python REQUIRED COMPONENTS Interpreter)
set(unicode_folder ${CMAKE_BINARY_DIR}/unicode)
set(unicode_header ${unicode_folder}/preprocess/unicode_tables.h)
file(MAKE_DIRECTORY ${unicode_folder}/preprocess)
add_custom_command(
  OUTPUT ${unicode_header}
  COMMAND ${Python_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/unicode_tables.py
          --data ${PROJECT_SOURCE_DIR}/csrc/preprocess/unicode.txt --out ${unicode_header}
  DEPENDS ${PROJECT_SOURCE_DIR}/csrc/preprocess/unicode.txt
          ${PROJECT_SOURCE_DIR}/tools/unicode_tables.py
  VERBATIM)
add_custom_target(unicode_tables DEPENDS ${unicode_header})
