/* SPDX-License-Identifier: MIT
 *
 * The events a machine may look for, by MESSAGE_ID.
 *
 * The catalogue for people is systemd/drd.catalog: `journalctl MESSAGE_ID=...`
 * finds all of a kind and `journalctl -x` explains them.
 */
#ifndef DRD_BASE_EVENT_H
#define DRD_BASE_EVENT_H

#define EVENT_STARTED	     "dc36d63bd02c4942b8c64cff3b31c59d"
#define EVENT_STOPPING	     "d2b0966a5186425b9f0efa003678bc33"
#define EVENT_RELOADED	     "c009396ed62d413c930925b925a0259b"
#define EVENT_RELOAD_REFUSED "6cb6aaba83b341dab31999b98e51f955"
#define EVENT_ROLE_CHANGED   "b090bf855e494898b38a900b63b325d3"
#define EVENT_DECIDED	     "5e63990436c04a048851a1bbcef9bee0"
#define EVENT_EFFECT	     "9935d2c218c742ad963ea9bf1d079b6a"
#define EVENT_REPAIRED	     "98930a0f56ed46b5a97af0933897cc3f"
#define EVENT_FOREIGN	     "90830bcd555943048488f8ce00ed2d0a"
#define EVENT_CLOCK_JUMP     "ce4b839e10b240d38b9ddedef4615a88"
#define EVENT_ISOLATED	     "341243dc612145b0b57297bf8ab6ec69"
#define EVENT_BRAKED	     "1bafa19278e54283999ab4d25c92a642"
#define EVENT_APART	     "7c2b4a9e1d3f4b6c8e0a5d9f2b7c4e16"
#define EVENT_READINESS	     "3f1d6a0c58b94e2fa7c39e04d81b62a5"
#define EVENT_OVERLOAD	     "9a4c7e2b61d3405fb8e6f0c215a79d38"
#define EVENT_WITHHELD	     "3f0c6d8e52b14a7f9d27c1e86ab4f05d"
#define EVENT_ORDERED	     "497d233f555b4dd2ab9a9a49c0b2defd"
#define EVENT_DENIED	     "beff73ce962049779d3b17cf3db4d07d"

#endif
