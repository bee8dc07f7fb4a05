// Catch2 2.x has its main in a header; with 3.x it comes from Catch2WithMain and this file is left out.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
