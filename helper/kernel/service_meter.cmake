# What counts services: its program for BPF, the skeleton of it, and what loads and reads it.
set(service_skeleton_directory ${CMAKE_CURRENT_BINARY_DIR}/services)
set(service_skeleton ${service_skeleton_directory}/service_meter.skel.h)
file(MAKE_DIRECTORY ${service_skeleton_directory})
add_custom_command(OUTPUT ${service_skeleton}
    COMMAND ${WEIR_CLANG} -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror -I/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
        -MD -MF ${service_skeleton_directory}/service_meter.d -MT ${service_skeleton}
        -c ${CMAKE_CURRENT_SOURCE_DIR}/service_meter.bpf.c -o ${service_skeleton_directory}/service_meter.o
    COMMAND ${WEIR_BPFTOOL} gen skeleton ${service_skeleton_directory}/service_meter.o name service_meter_bpf > ${service_skeleton}
    DEPENDS service_meter.bpf.c service_scope.bpf.h service_layout.h meter_layout.h
    DEPFILE ${service_skeleton_directory}/service_meter.d
    COMMENT "Building the program that counts services" VERBATIM)

foreach(library weir_kernel weir_kernel_layout2)
    target_sources(${library} PRIVATE
        cgroup_tree.cpp cgroup_tree.h
        service_layout.h
        service_meter.cpp service_meter.h
        service_object.cpp service_object.h
        ${service_skeleton})
    target_include_directories(${library} SYSTEM PRIVATE ${service_skeleton_directory})
endforeach()
