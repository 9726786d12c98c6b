namespace Rindoku.Ops;

/// <summary>Products of many tensors by Einstein's summation: <c>Tensor.Einsum("bij,bjk->bik", a, b)</c>.</summary>
public static class EinsteinSummation
{
    extension(Tensor)
    {
        /// <summary>Multiplies tensors whose axes are named by letters, and sums over the letters that the result does not have.</summary>
        /// <param name="equation">
        /// One group of letters for each operand, then <c>-></c> and those of the result: <c>"bij,bjk->bik"</c>. A letter twice in one
        /// group takes the diagonal; <c>...</c> stands for further axes, which broadcast. Without an arrow the result has the letters
        /// that occur once, in alphabetical order, after the axes of <c>...</c>. Blanks do not count.
        /// </param>
        /// <param name="operands">The tensors, at least one.</param>
        /// <exception cref="FormatException">The equation cannot be read; says why.</exception>
        /// <exception cref="ShapeException">An operand has not the axes that the equation names, or sizes of a letter differ.</exception>
        /// <remarks>
        /// Operands are taken in from left to right: each step is one batched matrix product (or, with nothing to sum, a product number
        /// by number), so write the pair that leaves the smallest result first. Gradients of every order follow from these steps.
        /// </remarks>
        public static Tensor Einsum(string equation, params ReadOnlySpan<Tensor> operands)
        {
            ArgumentNullException.ThrowIfNull(equation);
            EinsumEquation parsed = EinsumEquation.Parse(equation, operands);
            Labelled product = parsed.Operands[0];
            for (int i = 1; i < parsed.Operands.Length; i++)
                product = Contract(product, parsed.Operands[i], [.. parsed.Result, .. parsed.Operands.Skip(i + 1).SelectMany(x => x.Labels)]);
            return product.SumAllBut([.. parsed.Result]).InOrder(parsed.Result).Value;
        }
    }

    // The product of two operands, summed over the labels that nobody needs any more.
    private static Labelled Contract(Labelled a, Labelled b, HashSet<int> needed)
    {
        a = a.SumAllBut([.. needed, .. b.Labels]);
        b = b.SumAllBut([.. needed, .. a.Labels]);
        int[] shared = [.. a.Labels.Where(b.Labels.Contains)];
        int[] batch = [.. shared.Where(needed.Contains)], summed = [.. shared.Except(needed)];
        int[] onlyA = [.. a.Labels.Except(shared)], onlyB = [.. b.Labels.Except(shared)];
        Shape shape = Shape.Own([.. a.SizesOf(batch), .. a.SizesOf(onlyA), .. b.SizesOf(onlyB)]);
        int[] labels = [.. batch, .. onlyA, .. onlyB];
        if (summed.Length == 0 || (onlyA.Length == 0 && onlyB.Length == 0))
        {
            Tensor x = a.Grouped(batch, onlyA, [], summed), y = b.Grouped(batch, [], onlyB, summed);
            return new Labelled((x * y).Sum([-1]).Reshape(shape), labels);
        }
        // The matrix product reads either order of its operands: take the one that needs no copy.
        bool transposeA = a.IsInOrder([.. batch, .. summed, .. onlyA]), transposeB = !b.IsInOrder([.. batch, .. summed, .. onlyB]);
        Tensor left = transposeA ? a.Grouped(batch, summed, onlyA) : a.Grouped(batch, onlyA, summed);
        Tensor right = transposeB ? b.Grouped(batch, onlyB, summed) : b.Grouped(batch, summed, onlyB);
        return new Labelled(left.MatMul(right, transposeA, transposeB).Reshape(shape), labels);
    }

    /// <summary>A tensor with a label for each axis; letters label themselves, axes of an ellipsis are numbered from 0.</summary>
    internal sealed record Labelled(Tensor Value, int[] Labels)
    {
        public IEnumerable<int> SizesOf(IEnumerable<int> labels) => labels.Select(label => Value.Shape[Array.IndexOf(Labels, label)]);

        public Labelled SumAllBut(HashSet<int> needed)
        {
            int[] gone = [.. Enumerable.Range(0, Labels.Length).Where(axis => !needed.Contains(Labels[axis]))];
            return gone.Length == 0 ? this : new Labelled(Value.Sum(gone), [.. Labels.Where(needed.Contains)]);
        }

        public Labelled InOrder(int[] labels) => new(Value.Permute([.. labels.Select(label => Array.IndexOf(Labels, label))]), labels);

        public bool IsInOrder(int[] labels) => Labels.AsSpan().SequenceEqual(labels);

        /// <summary>With the axes of each group made one.</summary>
        public Tensor Grouped(params ReadOnlySpan<int[]> groups)
        {
            List<int> order = [];
            int[] sizes = new int[groups.Length];
            for (int i = 0; i < groups.Length; i++)
            {
                order.AddRange(groups[i]);
                sizes[i] = SizesOf(groups[i]).Aggregate(1, (product, size) => product * size);
            }
            return InOrder([.. order]).Value.Reshape(Shape.Own(sizes));
        }

        /// <summary>Takes the diagonal over axes with the same label.</summary>
        public Labelled WithoutRepeats()
        {
            Labelled x = this;
            while (x.Labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > 1)?.Key is { } repeated)
            {
                int first = Array.IndexOf(x.Labels, repeated), second = Array.IndexOf(x.Labels, repeated, first + 1);
                int[] others = [.. Enumerable.Range(0, x.Labels.Length).Where(axis => axis != first && axis != second)];
                x = new Labelled(x.Value.Permute([.. others, first, second]).Diagonal(), [.. others.Select(axis => x.Labels[axis]), repeated]);
            }
            return x;
        }
    }
}
