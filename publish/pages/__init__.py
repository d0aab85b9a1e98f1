"""Pages made from a published file and its models: the generated part of docs/."""
