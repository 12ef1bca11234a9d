"""The OpenAI Realtime protocol over ``vita.duplex``; every event with its status is in ``docs/realtime.md``.

``realtime_router`` reads and writes the WebSocket, ``session_manager`` with ``admission_queue`` opens sessions,
``realtime_session`` is one of them. ``client_event_handler`` with ``response_requests`` carries out client events,
``server_event_writer`` with ``response_writer`` and ``vita_events`` writes server events; both keep what the protocol
must remember in ``protocol_state``.
"""
