// Nothing: cmake/tests.cmake hangs the precompiled headers of the tests on this file.
