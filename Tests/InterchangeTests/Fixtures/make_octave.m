% Makes octave.h5, what Octave saves with -hdf5, and octave.json, what Octave finds in it: of each tensor, by
% the key that Ballast should give it, its type, its size and its bytes in row-major order in hexadecimal
% digits. Made with Octave 7.3.0:
%
%     octave --no-gui -q make_octave.m FOLDER
1;

function line = entry(key, value, dtype)
  rows = value;
  if ndims(value) > 1
    rows = permute(value, ndims(value):-1:1);
  end
  if iscomplex(value)
    flat = rows(:).';
    rows = [real(flat); imag(flat)];
  end
  if islogical(rows)
    rows = uint8(rows);
  end
  hex = "";
  if !isempty(rows)
    hex = sprintf("%02x", typecast(rows(:).', "uint8"));
  end
  sizes = sprintf("%d, ", size(value));
  line = sprintf("  \"%s\": {\"dtype\": \"%s\", \"shape\": [%s], \"hex\": \"%s\"}", ...
                 key, dtype, sizes(1:end-2), hex);
end

folder = argv(){1};
save_header_format_string("# Octave");
rand("twister", 7);
single_three = single(rand(2, 3, 4));
double_matrix = rand(3, 5);
double_row = [1 2 3];
double_column = [1; 2; 3];
double_scalar = 3.25;
single_scalar = single(1.5);
int32_matrix = int32([1 -2; 3 4; 5 6]);
int64_scalar = int64(-9007199254740993);
uint64_scalar = intmax("uint64");
uint8_matrix = uint8([1 2 3; 4 5 255]);
bool_matrix = [true false; false true; true true];
bool_scalar = true;
complex_matrix = [1+2i 3-4i 5; 6i 7 8];
complex_scalar = 1-2i;
empty_double = zeros(0, 3);
empty_single = single(zeros(3, 0, 2));
empty_int8 = int8(zeros(0, 4));
empty_bool = true(0, 2);
nothing = [];
text = "héllo";
letters = ["abc"; "def"];
no_text = "";
net.weight = rand(2, 3);
net.bias = single([1 2 3]);
net.inner.deep = int16([1; 2]);
net.name = "net";
cells = {[1 2 3], "x"; single(4), {5}};
many = num2cell(1:12);
structs = struct("w", {1, [2 3]});
grid = reshape(struct("w", {1, 2, 3, 4}), 2, 2);
with_dims = struct("dims", {[1 2 3], [4 5 6]}, "w", {7, 8});
left_sparse = sparse([1 0 0; 0 2 0]);
left_handle = @(x) x + 1;
left_range = 1:5;
variables = setdiff(who(), {"folder", "ans"});
save("-hdf5", fullfile(folder, "octave.h5"), variables{:});

lines = {};
names = {"single_three", "float32"; "double_matrix", "float64"; "double_row", "float64"; ...
         "double_column", "float64"; "int32_matrix", "int32"; "uint8_matrix", "uint8"; ...
         "bool_matrix", "bool"; "complex_matrix", "complex128"; "empty_double", "float64"; ...
         "empty_single", "float32"; "empty_int8", "int8"; "empty_bool", "bool"; "nothing", "float64"};
for k = 1:rows(names)
  lines{end+1} = entry(names{k, 1}, eval(names{k, 1}), names{k, 2});
end
% Single numbers are of no dimensions in the file.
singles = {"double_scalar", "float64"; "single_scalar", "float32"; "int64_scalar", "int64"; ...
           "uint64_scalar", "uint64"; "bool_scalar", "bool"; "complex_scalar", "complex128"};
for k = 1:rows(singles)
  lines{end+1} = strrep(entry(singles{k, 1}, eval(singles{k, 1}), singles{k, 2}), "[1, 1]", "[]");
end
lines{end+1} = entry("net.weight", net.weight, "float64");
lines{end+1} = entry("net.bias", net.bias, "float32");
lines{end+1} = entry("net.inner.deep", net.inner.deep, "int16");
lines{end+1} = entry("cells.0", cells{1}, "float64");
lines{end+1} = strrep(entry("cells.1", cells{2}, "float32"), "[1, 1]", "[]");
lines{end+1} = strrep(entry("cells.3.0", cells{4}{1}, "float64"), "[1, 1]", "[]");
for k = 1:12
  lines{end+1} = strrep(entry(sprintf("many.%d", k - 1), many{k}, "float64"), "[1, 1]", "[]");
end
lines{end+1} = strrep(entry("structs.0.w", structs(1).w, "float64"), "[1, 1]", "[]");
lines{end+1} = entry("structs.1.w", structs(2).w, "float64");
for k = 1:4
  lines{end+1} = strrep(entry(sprintf("grid.%d.w", k - 1), grid(k).w, "float64"), "[1, 1]", "[]");
end
for k = 1:2
  lines{end+1} = entry(sprintf("with_dims.%d.dims", k - 1), with_dims(k).dims, "float64");
  lines{end+1} = strrep(entry(sprintf("with_dims.%d.w", k - 1), with_dims(k).w, "float64"), "[1, 1]", "[]");
end
file = fopen(fullfile(folder, "octave.json"), "w");
fprintf(file, "{\n%s\n}\n", strjoin(lines, ",\n"));
fclose(file);
