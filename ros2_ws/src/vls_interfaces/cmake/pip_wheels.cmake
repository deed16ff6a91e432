# Only for builds against the ROS 2 wheels of PyPI (scikit-build-core sets SKBUILD).

# The wheels find each other through AMENT_PREFIX_PATH; a ROS 2 install sets it in setup.bash.
if("$ENV{AMENT_PREFIX_PATH}" STREQUAL "")
  find_program(AMENT_INDEX_PROGRAM ament_index REQUIRED)
  get_filename_component(ROS_WHEELS_PREFIX "${AMENT_INDEX_PROGRAM}/../.." ABSOLUTE)
  set(ENV{AMENT_PREFIX_PATH} "${ROS_WHEELS_PREFIX}")
endif()

# Imported targets of the wheels name include folders of the machine that built them (/opt/python/...).
# CMake refuses include folders that do not exist, so they are dropped once all packages are found.
function(vls_drop_missing_include_folders)
  get_property(imported_targets DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTY IMPORTED_TARGETS)
  foreach(imported_target IN LISTS imported_targets)
    get_target_property(include_folders ${imported_target} INTERFACE_INCLUDE_DIRECTORIES)
    if(include_folders)
      set(kept_folders)
      foreach(folder IN LISTS include_folders)
        if(NOT folder MATCHES "^/opt/python/" OR EXISTS "${folder}")
          list(APPEND kept_folders "${folder}")
        endif()
      endforeach()
      set_target_properties(${imported_target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${kept_folders}")
    endif()
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL vls_drop_missing_include_folders)
