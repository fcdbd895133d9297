// The same for tests. Only a precompiled header: nobody includes it.
#pragma once

#include <gtest/gtest.h>

#include "pch.h"
