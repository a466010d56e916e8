"""Golden tests of layout rules: YAML files beside the rules, run through the rules as searches are."""
