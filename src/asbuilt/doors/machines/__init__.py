"""The door of machines: CFX over AMQP 1.0, as an endpoint of our own and as a client of a broker.

    asbuilt machines listen --at 127.0.0.1:5672
    asbuilt machines listen --broker amqp://user@broker:5672 --from /queue/cfx-in

A message is acknowledged once it is recorded: at least once in, exactly once recorded. Each group becomes one call of the
room below; a request (ValidateUnitsRequest) is one query, answered at once. It holds no rules. Needs the extra `machines`
(python-qpid-proton).
"""
