# The client and weirctl against a helper that a test scripts.
weir_test(client_test SOURCES client_test.cpp LIBS weir_client weir_stub_helper)
weir_test(client_subscription_test SOURCES client_subscription_test.cpp LIBS weir_client weir_stub_helper)
weir_test(client_format_test SOURCES client_format_test.cpp LIBS weir_client)
weir_test(weirctl_table_test SOURCES weirctl_table_test.cpp LIBS weir_cli)
weir_test(weirctl_test SOURCES weirctl_test.cpp weirctl_runner.cpp LIBS weir_stub_helper)
weir_test(weirctl_usage_test SOURCES weirctl_usage_test.cpp weirctl_runner.cpp LIBS weir_cli weir_stub_helper)
weir_test(weirctl_terminal_test SOURCES weirctl_terminal_test.cpp LIBS weir_stub_helper util)
foreach(name weirctl_test weirctl_usage_test weirctl_terminal_test)
    target_compile_definitions(${name} PRIVATE
        WEIRCTL="$<TARGET_FILE:weirctl>" WEIR_RESOURCES="${PROJECT_SOURCE_DIR}/resources"
        WEIR_HELPER_PATH="${CMAKE_INSTALL_FULL_LIBEXECDIR}/weir-helper")
    add_dependencies(${name} weirctl)
endforeach()
