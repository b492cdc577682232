# The client and weirctl against a helper that a test scripts.
weir_test(client_test SOURCES client_test.cpp LIBS weir_client weir_stub_helper)
weir_test(client_subscription_test SOURCES client_subscription_test.cpp LIBS weir_client weir_stub_helper)
weir_test(client_format_test SOURCES client_format_test.cpp LIBS weir_client)
weir_test(quantities_test SOURCES quantities_test.cpp LIBS weir_client)
weir_test(weirctl_history_span_test SOURCES history_span_test.cpp LIBS weir_cli)
weir_test(weirctl_table_test SOURCES weirctl_table_test.cpp LIBS weir_cli)
weir_test(weirctl_test SOURCES weirctl_test.cpp weirctl_runner.cpp LIBS weir_stub_helper)
weir_test(weirctl_history_test SOURCES weirctl_history_test.cpp weirctl_runner.cpp LIBS weir_cli weir_stub_helper)
weir_test(import_test SOURCES import_test.cpp LIBS weir_import Qt6::Sql)
weir_test(weirctl_import_test SOURCES weirctl_import_test.cpp weirctl_runner.cpp LIBS weir_cli weir_stub_helper)
weir_test(weirctl_limits_test SOURCES weirctl_limits_test.cpp weirctl_runner.cpp LIBS weir_cli weir_stub_helper)
weir_test(weirctl_metrics_test SOURCES weirctl_metrics_test.cpp weirctl_runner.cpp LIBS weir_cli weir_stub_helper)
target_compile_definitions(weirctl_metrics_test PRIVATE WEIR_SCRAPE="${PROJECT_SOURCE_DIR}/tests/support/scrape.py")
weir_test(machine_test SOURCES machine_test.cpp LIBS weir_client)
weir_test(report_test SOURCES report_test.cpp LIBS weir_client)
weir_test(weirctl_report_test SOURCES weirctl_report_test.cpp weirctl_runner.cpp LIBS weir_cli weir_stub_helper)
weir_test(weirctl_usage_test SOURCES weirctl_usage_test.cpp weirctl_runner.cpp LIBS weir_cli weir_stub_helper)
weir_test(weirctl_terminal_test SOURCES weirctl_terminal_test.cpp LIBS weir_stub_helper util)
foreach(name weirctl_test weirctl_history_test weirctl_import_test weirctl_limits_test weirctl_metrics_test weirctl_report_test weirctl_usage_test weirctl_terminal_test)
    target_compile_definitions(${name} PRIVATE
        WEIRCTL="$<TARGET_FILE:weirctl>" WEIR_RESOURCES="${PROJECT_SOURCE_DIR}/resources"
        WEIR_HELPER_PATH="${CMAKE_INSTALL_FULL_LIBEXECDIR}/weir-helper")
    add_dependencies(${name} weirctl)
endforeach()
# where ./dev setup puts it when it is not installed
set_property(TEST weirctl_metrics_test APPEND PROPERTY
    ENVIRONMENT_MODIFICATION "PATH=path_list_append:${PROJECT_SOURCE_DIR}/.cache/prometheus/usr/bin")
