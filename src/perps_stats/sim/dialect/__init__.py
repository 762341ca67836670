"""What the simulated exchanges share. A dialect is the rest: one exchange's own words and rules.

The next one is a package ``sim/<exchange>/``, written from the exchange's documentation alone:

* a row that describes a contract, and a ``board.ModelBoard`` filled by ``add(symbol, row, coin,
  terms)`` (``model.terms.Terms`` gives the venue its own size, grid and funding). A ``Source`` of
  the board answers every question in base coin and exact text; ``Scale.steps`` counts lots;
* ``QUESTIONS``, a ``rest.Question`` by path such as ``/contracts/{symbol}``: what it costs, and a
  function of the board and of what was ``asked.Asked``; a ``Refusal`` is raised;
* ``rest.Words``: the envelope of an answer, an error, a refusal, headers;
* ``weights.Limit``: how many requests fit in which window;
* a function from a topic's name to a ``hub.Topic``: its voices are ``emitters`` (facts) with the
  exchange's words for them and the channels they tell of, and ``first`` is what a newcomer is
  shown; ``Sequence`` numbers a book that is told level by level;
* ``manners.Manners``: greeting, commands and their answers, pings, limits, the end;
* a ``venue.Door``, which tells a stream's handshake from REST; ``wants_upgrade`` helps;
* ``of_model(world, faults)``, which puts them together as a ``venue.Dialect``: a line of
  ``server.DIALECTS``.

Faults, losses, counters, the truth and the life of connections come with it. ``sim/binance`` is
the model.
"""
