"""The first bytes of keys in the record store: who owns which records."""

PROFILE = b"p:"
LINKS = b"l:"
SWITCH = b"s:personalization"
SET_ASIDE = b"x:"
ENGAGEMENT = b"e:"
BLEND = b"b:"
