#!/usr/bin/perl
# openapi.pl DOCUMENT: whether it is valid OpenAPI.
# openapi.pl DOCUMENT EXCHANGES: the same, and whether each exchange is as it says, and all of its operations are among them.
# An exchange is a line of JSON: {"method", "path", "status", "type", "request", "response", "headers"}; request and response
# are the bodies' texts, headers the response's by names in lower case. Says what is not so, and then exits with 1; with 77
# where Debian's libjson-validator-perl is not there.
use strict;
use warnings;

BEGIN {
  if (!eval { require JSON::Validator }) {
    print "needs libjson-validator-perl\n";
    exit 77;
  }
}
use Mojo::File 'path';
use Mojo::JSON 'decode_json';

my ($document, $exchanges) = @ARGV;
my @faults;
my $schema = JSON::Validator->new->schema(decode_json(path($document)->slurp))->schema;
push @faults, map {"the document: $_"} @{$schema->errors};
$schema->coerce({});

# Each operation with the paths that ask for it.
my $base = $schema->get('/servers/0/url');
my @operations = map {
  my $pattern = join '[^/]+', map {quotemeta} split /\{[^}]+\}/, $_->{path}, -1;
  +{%$_, regex => qr{^\Q$base\E$pattern(?:\?.*)?$}, literals => scalar(() = $_->{path} =~ m!/[^\{]!g)}
} $schema->routes->each;

sub operation_of {
  my ($method, $path) = @_;
  my ($found) = sort { $b->{literals} <=> $a->{literals} } grep { $_->{method} eq lc $method && $path =~ $_->{regex} } @operations;
  return $found;
}

sub body_of {
  my ($type, $text) = @_;
  return $type =~ m{[/+]json$} ? Mojo::JSON::from_json($text) : $text;
}

my %seen;
for my $line ($exchanges ? split /\n/, path($exchanges)->slurp : ()) {
  my $one       = decode_json($line);
  my $what      = "$one->{method} $one->{path} -> $one->{status}";
  my $operation = operation_of($one->{method}, $one->{path});
  if (!$operation) {
    push @faults, "$what: no operation" if $one->{status} < 400;
    next;
  }
  my $responses = $schema->get([paths => $operation->{path}, $operation->{method}, 'responses']);
  push @faults, "$what: no such status" if $one->{status} < 400 && !$responses->{$one->{status}};
  $seen{$operation->{operation_id}} = 1 if $one->{status} < 400;
  next if $one->{status} == 204 || $one->{status} == 304;
  (my $type = $one->{type}) =~ s/\s*;.*//;
  my $body  = eval { body_of($type, $one->{response}) };
  push @faults, "$what: its body is no $type" if !defined $body;
  my $named = $responses->{$one->{status}} || $responses->{default};
  push @faults, "$what: comes as '$type'" if !$named->{content}{$type};
  my $answer = {
    body   => sub { {exists => 1, value => $body, content_type => $type} },
    header => sub { my $name = lc $_[0]; {exists => exists $one->{headers}{$name}, value => $one->{headers}{$name}} },
  };
  push @faults, map {"$what: $_"} $schema->validate_response([@$operation{qw(method path)}, $one->{status}], $answer);
  next if $one->{status} >= 400 || $one->{request} eq '' || $one->{request} !~ /^\{/;
  my $request = {
    map({ ($_ => sub { {exists => 1, value => undef, valid => 1} }) } qw(path query header cookie)),
    body => sub { {exists => 1, value => decode_json($one->{request}), content_type => 'application/json'} },
  };
  my @of_body = grep { $_->path =~ m{^/body} } $schema->validate_request([@$operation{qw(method path)}], $request);
  push @faults, map {"$what: of the request: $_"} @of_body;
}
if ($exchanges) {
  push @faults, map {"nobody asked for $_->{operation_id}"} grep { !$seen{$_->{operation_id}} } @operations;
}
print "$_\n" for @faults;
exit(@faults ? 1 : 0);
