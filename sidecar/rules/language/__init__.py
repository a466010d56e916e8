"""The language that rules are written in. Its JSON schema: plugin_config/rules/schema.json."""
