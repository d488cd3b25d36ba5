"""IMDb's own dataset files, as https://developer.imdb.com/non-commercial-datasets/ describes them."""
