using System.Xml.Linq;
using Rindoku.Data;
using Rindoku.Lab.Reports;

namespace Rindoku.Lab.Tests.Reports;

public sealed class FigureTests
{
    internal static Figure[] Samples()
    {
        Rng rng = new(1);
        double[] steps = [.. Enumerable.Range(1, 120).Select(i => 10.0 * i)];
        double[] train = [.. steps.Select(s => 2.2 * Math.Exp(-s / 300) + 0.06 + 0.03 * rng.NextNormal())], test = [.. steps.Select(s => 2.1 * Math.Exp(-s / 340) + 0.16)];
        double[,] confusion = new double[10, 10];
        for (int a = 0; a < 10; a++)
            for (int p = 0; p < 10; p++) confusion[a, p] = a == p ? 38 + rng.NextInt(7) : Math.Max(0, rng.NextInt(5) - 2);
        string[] digits = [.. Enumerable.Range(0, 10).Select(i => $"{i}")];
        Rindoku.Data.LabelledSet set = Rindoku.Data.Digits.Load().Test;
        return
        [
            new LineChart("Loss over training", "step", "loss",
                [new LineSeries("train", steps, train), new LineSeries("test", steps, test) { Low = [.. test.Select(t => t * 0.9)], High = [.. test.Select(t => t * 1.1)] }])
                { Caption = "Both fall together: the model has not begun to learn the training set by heart." },
            new LineChart("Loss against model size", new Axis("parameters") { Logarithmic = true }, new Axis("loss", "nats"),
                [new LineSeries("measured", [1e4, 1e5, 1e6, 1e7], [4.1, 3.2, 2.6, double.NaN])]),
            new BarChart("Accuracy after six blocks are removed", new Axis("accuracy", "%"),
                [new Bar("stochastic depth", 47.2, 40.1, 54.3) { Points = [53.7, 38.0, 49.9] }, new Bar("constant depth", 34.1, 28.8, 39.4) { Points = [37.9, 27.3, 37.0] }]) { Reference = 40 },
            new Heatmap("Confusion matrix", "predicted", "actual", digits, digits, confusion) { ByRow = true },
            new Scatter("Latent space", "first axis", "second axis",
                [new PointSeries("digit 0", Normals(rng, 80, 0), Normals(rng, 80, 0)), new PointSeries("digit 1", Normals(rng, 80, 3), Normals(rng, 80, 2))]),
            new ImageGrid("Test scans <and> their classes", set.Inputs.Keep() is var images ? Tensor.From(images.Span[..(20 * 64)], [20, 1, 8, 8]) : images, [.. set.Labels.ToArray().Take(20).Select(l => $"{l}")]),
            new PlaneMap("Uncertainty over the plane", "x", "y", new PlaneArea(-2, 2, -1, 1),
                PlaneMap.Evaluate(new PlaneArea(-2, 2, -1, 1), points => [.. Enumerable.Range(0, points.Shape[0]).Select(i => MathF.Abs(points.Span[2 * i]))], columns: 40),
                [new PointSeries("moon", Normals(rng, 40, 0), Normals(rng, 40, 0))]) { Quantity = "uncertainty" },
        ];
    }

    private static double[] Normals(Rng rng, int count, double mean) => [.. Enumerable.Range(0, count).Select(_ => mean + rng.NextNormal())];

    [Fact]
    public void A_series_of_dots_has_all_its_dots_and_no_line()
    {
        double[] x = [.. Enumerable.Range(0, 50).Select(i => (double)i)];
        string Drawn(bool dots) => FigureSvg.Draw(new LineChart("Fit", "x", "y", [new LineSeries("data", x, x) { DotsOnly = dots }]));
        Assert.Equal((50, 0), (Drawn(true).Split("<circle").Length - 1, Drawn(true).Split("<path").Length - 1));
        Assert.Equal((0, 1), (Drawn(false).Split("<circle").Length - 1, Drawn(false).Split("<path").Length - 1));
    }

    [Fact]
    public void Every_figure_is_well_formed_and_has_a_name_a_description_and_a_role()
    {
        foreach (Figure figure in Samples())
        {
            XElement svg = XElement.Parse(FigureSvg.Draw(figure));
            XNamespace ns = "http://www.w3.org/2000/svg";
            Assert.Equal("img", svg.Attribute("role")!.Value);
            Assert.Equal(figure.Title, svg.Element(ns + "title")!.Value);
            Assert.NotEmpty(svg.Element(ns + "desc")!.Value);
            Assert.DoesNotContain("NaN", svg.ToString(), StringComparison.Ordinal);
            XElement.Parse(FigureHtml.Draw(figure)); // as XML, so every element is closed
        }
    }

    [Fact]
    public void Charts_have_their_numbers_as_a_table_and_lines_their_axes_with_units()
    {
        string html = FigureHtml.Draw(Samples()[2]);
        Assert.Contains("<th scope=\"row\">constant depth</th><td>34.1</td><td>28.8 to 39.4</td><td>37.9, 27.3, 37</td>", html, StringComparison.Ordinal);
        Assert.Contains(">accuracy (%)<", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_is_encoded_everywhere()
    {
        const string evil = "<script>alert(\"x\")</script>&'";
        Figure[] figures =
        [
            new LineChart(evil, evil, evil, [new LineSeries(evil, [1, 2], [1, 2]), new LineSeries(evil + "2", [1, 2], [1, 2])]) { Caption = evil },
            new BarChart(evil, evil, [new Bar(evil, 1)]), new Heatmap(evil, evil, evil, [evil], [evil], new double[1, 1]),
            new Scatter(evil, evil, evil, [new PointSeries(evil, [1], [1])]), new ImageGrid(evil, Tensor.Zeros([1, 1, 2, 2]), [evil]),
            new PlaneMap(evil, evil, evil, new PlaneArea(0, 1, 0, 1), new double[1, 1], [new PointSeries(evil, [1], [1])]) { Quantity = evil },
        ];
        foreach (Figure figure in figures)
        {
            string html = FigureHtml.Draw(figure);
            Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
            XElement.Parse(html);
        }
    }

    [Fact]
    public void Figures_without_data_are_drawn_without_failing()
    {
        Figure[] empty =
        [
            new LineChart("t", "x", "y", []), new LineChart("t", "x", "y", [new LineSeries("s", [1], [double.NaN])]), new LineChart("t", "x", "y", [new LineSeries("s", [1, 1], [2, 2])]),
            new BarChart("t", "y", []), new BarChart("t", new Axis("y") { Logarithmic = true }, [new Bar("b", 0)]), new Heatmap("t", "x", "y", [], [], new double[0, 0]),
            new Scatter("t", "x", "y", [new PointSeries("s", [], [])]),
            new PlaneMap("t", "x", "y", new PlaneArea(0, 1, 0, 1), new double[0, 0], []), new PlaneMap("t", "x", "y", new PlaneArea(0, 1, 0, 1), new double[1, 1] { { double.NaN } }, []),
        ];
        foreach (Figure figure in empty) Assert.DoesNotContain("NaN", XElement.Parse(FigureSvg.Draw(figure)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Marks_are_round_numbers()
    {
        Assert.Equal(["0", "20", "40", "60", "80", "100"], new Scale("", [0, 97], 0, 100).Marks().Select(m => m.Label));
        Assert.Equal(["-0.2", "0", "0.2", "0.4"], new Scale("", [-0.13, 0.31], 0, 100).Marks().Where((_, i) => i % 2 == 0).Select(m => m.Label).Take(4));
        Assert.Equal(["1", "10", "100", "1E+03", "1E+04"], new Scale(new Axis("") { Logarithmic = true }, [1, 1e4, -5, 0], 0, 100).Marks().Select(m => m.Label));
        Scale scale = new("", [0, 10], 100, 0);
        Assert.Equal((100, 0, 50), (scale[0], scale[10], scale[5]));
    }

    [Fact]
    public void A_map_of_the_plane_has_its_first_row_at_the_top_and_is_dark_where_values_are_great()
    {
        PlaneArea area = new(0, 4, 0, 2);
        double[,] values = PlaneMap.Evaluate(area, points => [.. Enumerable.Range(0, points.Shape[0]).Select(i => points.Span[2 * i] + 10 * points.Span[2 * i + 1])], columns: 4);
        Assert.Equal((2, 4), (values.GetLength(0), values.GetLength(1)));
        Assert.Equal((15.5, 8.5), (values[0, 0], values[1, 3]));
        Image picture = new PlaneMap("t", "x", "y", area, values, []).ToImage();
        Assert.Equal((4, 2, 3), (picture.Width, picture.Height, picture.Channels));
        Assert.Equal((24, 250), (picture[0, 3, 0], picture[1, 0, 0])); // the greatest value 18.5, the least 5.5
        Assert.Throws<ArgumentException>(() => PlaneMap.Evaluate(area, _ => [1], columns: 4));
    }

    [Fact]
    public void A_picture_of_the_plane_has_its_clouds_where_they_are_and_nothing_of_points_outside()
    {
        PlaneArea area = new(0, 4, 0, 2);
        PlaneMap map = new("t", "x", "y", area, new double[2, 4], [new PointSeries("in", [0.5, 4], [1.5, 0]), new PointSeries("out", [-3, 9, 2], [1, 1, 7])]);
        Image picture = map.ToPicture(cell: 10), field = (map with { Series = [] }).ToPicture(cell: 10);
        Assert.Equal((40, 20, 3), (picture.Width, picture.Height, picture.Channels));
        for (int y = 0; y < 20; y++)
            for (int x = 0; x < 40; x++)
            {
                bool dot = Distance(x, y, 5, 5) <= 6 || Distance(x, y, 40, 20) <= 6;
                Assert.Equal(dot ? (0xd9, 0x73, 0x0d) : (field[y, x, 0], field[y, x, 1], field[y, x, 2]), (picture[y, x, 0], picture[y, x, 1], picture[y, x, 2]));
            }

        static double Distance(int x, int y, double toX, double toY) => Math.Sqrt(Math.Pow(x + 0.5 - toX, 2) + Math.Pow(y + 0.5 - toY, 2));
    }

    [Fact]
    public void A_grid_holds_the_pictures_it_was_given()
    {
        Tensor pictures = Tensor.From([0, 0, 0, 0, 0, 0, 0, 1, 0.5f, float.NaN, 2, -1], [2, 1, 2, 3]);
        string svg = FigureSvg.Draw(new ImageGrid("two", pictures, []));
        const string start = "data:image/png;base64,";
        string last = svg[(svg.LastIndexOf(start, StringComparison.Ordinal) + start.Length)..];
        using MemoryStream png = new(Convert.FromBase64String(last[..last.IndexOf('"', StringComparison.Ordinal)]));
        Image picture = Png.Read(png);
        Assert.Equal((3, 2, 1), (picture.Width, picture.Height, picture.Channels));
        Assert.Equal([0, 255, 128, 0, 255, 0], picture.Pixels);
    }
}
