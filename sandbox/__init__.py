# SPDX-License-Identifier: MIT
"""drd's sandbox: two AWS regions on one machine, moto plus what moto lacks."""
