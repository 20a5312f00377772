"""Firmware: releases and images. Noun: release (product, role, version, image). Verb: import releases. It refuses build systems."""
