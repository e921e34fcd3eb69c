# a unary call that goes well
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.020 C> h2 DATA 1 END grpc "hello"
0.030 U> h2 HEADERS 1 :status=200 content-type=application/grpc
0.040 U> h2 DATA 1 grpc "ok"
0.050 U> h2 HEADERS 1 END grpc-status=0
0.060 C> FIN
= {"kind":"event","protocol":"grpc","request":{"grpc_service":"pkg.Svc","grpc_method":"Do"},"response":{"status":200,"grpc_status":0},"messages_in":1,"messages_out":1,"bytes_in":10,"bytes_out":7,"flags":[],"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# trailers only
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.020 C> h2 DATA 1 END grpc "hello"
0.030 U> h2 HEADERS 1 END :status=200 content-type=application/grpc grpc-status=5 grpc-message=no%20such%20user
0.060 C> FIN
= {"kind":"event","response":{"grpc_status":5,"grpc_message":"no such user"},"flags":["trailers_only"],"error":"grpc-status 5 NOT_FOUND: no such user"}
= {"kind":"conn","close_reason":"completed"}
---
# trailers only, split by a hop: no client finds the status there
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.020 C> h2 DATA 1 END grpc "hello"
0.030 U> h2 HEADERS 1 :status=200 content-type=application/grpc grpc-status=5 grpc-message=nope
0.031 U> h2 DATA 1 END ""
0.060 C> FIN
= {"kind":"event","response":{"grpc_status":5},"flags":[],"error":"grpc-status 5 NOT_FOUND: nope (in headers that did not end the stream)"}
= {"kind":"conn","close_reason":"completed"}
---
# no trailers
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.020 C> h2 DATA 1 END grpc "hello"
0.030 U> h2 HEADERS 1 :status=200 content-type=application/grpc
0.040 U> h2 DATA 1 END grpc "ok"
0.060 C> FIN
= {"kind":"event","response":{"grpc_status":null},"error":"gRPC response without grpc-status"}
= {"kind":"conn","close_reason":"completed"}
---
# a login page
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.020 C> h2 DATA 1 END grpc "hello"
0.030 U> h2 HEADERS 1 :status=200 content-type=text/html
0.040 U> h2 DATA 1 END "<html>login</html>"
0.060 C> FIN
= {"kind":"event","messages_out":0,"error":"gRPC response without grpc-status: text/html instead"}
= {"kind":"conn","close_reason":"completed"}
---
# a gateway answers
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.020 C> h2 DATA 1 END grpc "hello"
0.030 U> h2 HEADERS 1 END :status=502
0.060 C> FIN
= {"kind":"event","error":"HTTP status 502 instead of a gRPC response"}
= {"kind":"conn","close_reason":"completed"}
---
# a status that is not a number
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.030 U> h2 HEADERS 1 END :status=200 content-type=application/grpc grpc-status=oops
0.060 C> FIN
= {"kind":"event","error":"grpc-status is 'oops', not a number"}
= {"kind":"conn","close_reason":"completed"}
---
# a message that is cut, though the status is 0
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.030 U> h2 HEADERS 1 :status=200 content-type=application/grpc
0.040 U> h2 DATA 1 "\0\0\0\0\x07ab"
0.045 ? stalled upstream since 0.040
0.050 U> h2 HEADERS 1 END grpc-status=0
0.060 C> FIN
= {"kind":"event","response":{"grpc_status":0},"error":"gRPC message cut: 5 bytes are missing at its end"}
= {"kind":"conn","close_reason":"completed"}
---
# cut inside the prefix of the second message
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.030 U> h2 HEADERS 1 :status=200 content-type=application/grpc
0.040 U> h2 DATA 1 "\0\0\0\0\x01a\0\0"
0.050 U> h2 HEADERS 1 END grpc-status=0
0.060 C> FIN
= {"kind":"event","error":"gRPC message cut inside its prefix"}
= {"kind":"conn","close_reason":"completed"}
---
# the deadline passes: RST_STREAM CANCEL
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers grpc-timeout=3985m
0.020 C> h2 DATA 1 END grpc "hello"
3.997 C> h2 RST 1 8
4.000 C> FIN
= {"kind":"event","flags":["client_reset","deadline_exceeded"],"error":"deadline exceeded: RST_STREAM CANCEL by client"}
= {"kind":"conn","close_reason":"completed"}
---
# cancelled well before the deadline
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers grpc-timeout=3985m
0.020 C> h2 DATA 1 END grpc "hello"
0.500 C> h2 RST 1 8
4.000 C> FIN
= {"kind":"event","flags":["client_reset"],"error":"RST_STREAM CANCEL by client"}
= {"kind":"conn","close_reason":"completed"}
---
# the deadline passes: the client drops the connection
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers grpc-timeout=1S
0.020 C> h2 DATA 1 END grpc "hello"
1.020 C> FIN
5.000 U> FIN
= {"kind":"event","flags":["cut","deadline_exceeded"],"error":"deadline exceeded: client_fin before the response"}
= {"kind":"conn","close_reason":"client_fin"}
---
# the upstream leaves after the deadline: that is not the client's deadline
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers grpc-timeout=1S
0.020 C> h2 DATA 1 END grpc "hello"
1.020 U> RST
= {"kind":"event","flags":["cut"],"error":"upstream_rst before the response"}
= {"kind":"conn","close_reason":"upstream_rst"}
---
# a subscription is quiet between two messages, not inside one
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/pkg.Svc/Watch content-type=application/grpc te=trailers
0.012 ? waiting client
0.020 C> h2 DATA 1 "\0\0\0\0\x02h"
0.022 ? stalled client since 0.020
0.024 C> h2 DATA 1 END "i"
0.030 U> h2 HEADERS 1 :status=200 content-type=application/grpc
0.040 U> h2 DATA 1 grpc "one"
99.000 ? waiting upstream
99.000 ? waiting client
99.100 U> h2 DATA 1 "\0\0"
99.200 ? stalled upstream since 99.100
99.300 U> h2 DATA 1 "\0\0\x01x"
99.400 ? waiting upstream
99.500 U> FIN
99.600 C> FIN
= {"kind":"event","messages_out":2,"flags":["cut"],"error":"upstream_fin in the middle of the response"}
= {"kind":"conn","close_reason":"upstream_fin"}
---
# compressed, and the headers name the compression
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.030 U> h2 HEADERS 1 :status=200 content-type=application/grpc grpc-encoding=gzip
0.040 U> h2 DATA 1 "\x01\0\0\0\x02ab"
0.050 U> h2 HEADERS 1 END grpc-status=0
0.060 C> FIN
= {"kind":"event","response":{"grpc_status":0},"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# compressed, and nothing says how
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.030 U> h2 HEADERS 1 :status=200 content-type=application/grpc
0.040 U> h2 DATA 1 "\x01\0\0\0\x02ab"
0.050 U> h2 HEADERS 1 END grpc-status=0
0.060 C> FIN
= {"kind":"event","response":{"grpc_status":0},"error":"gRPC message compressed, and no grpc-encoding says how"}
= {"kind":"conn","close_reason":"completed"}
---
# a compressed flag that nobody has defined
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=POST :scheme=https :authority=h :path=/pkg.Svc/Do content-type=application/grpc te=trailers
0.030 U> h2 HEADERS 1 :status=200 content-type=application/grpc grpc-encoding=gzip
0.040 U> h2 DATA 1 "\x3c\0\0\0\x02ab"
0.050 U> h2 HEADERS 1 END grpc-status=0
0.060 C> FIN
= {"kind":"event","response":{"grpc_status":0},"error":"gRPC message with compressed flag 60, only 0 and 1 are defined"}
= {"kind":"conn","close_reason":"completed"}
