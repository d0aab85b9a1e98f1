{{ as_of('published_figures') }}
